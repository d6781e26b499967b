package io.millrace.local.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * File systems of their own for what a stack writes, which can be full: in memory ({@code tmpfs}),
 * of a size that can be changed. Only root may mount them.
 */
final class SmallDisks implements AutoCloseable {
  static final String WAREHOUSE = "warehouse";

  static final String STATE = "state/";

  /** State of the services that keep some. */
  static final List<String> STATES =
      List.of(STATE + "enrichment-service", STATE + "aggregation-service");

  private static final String SIZE = "8g";
  private static final long PAGE = 4096;
  private static final int TRIES = 50;

  private final Path directory;
  private final Map<String, Path> mounted = new ConcurrentSkipListMap<>();
  private final Thread detach = Thread.ofPlatform().unstarted(this::detach);

  private SmallDisks(Path directory) {
    this.directory = directory;
  }

  /**
   * Mounts them below a stack's directory, as many as is possible.
   *
   * @param log told why not, if not
   */
  static SmallDisks below(Path directory, Consumer<String> log) {
    SmallDisks disks = new SmallDisks(directory);
    Runtime.getRuntime().addShutdownHook(disks.detach);
    List<String> names = new ArrayList<>(STATES);
    names.add(WAREHOUSE);
    for (String name : names) {
      Path path = directory.resolve(name);
      create(path);
      String refusal =
          run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "millrace", path.toString());
      if (refusal != null) {
        log.accept("disks do not get full: no file system can be mounted here (" + refusal + ")");
        return disks;
      }
      disks.mounted.put(name, path);
    }
    return disks;
  }

  /** Lets go of what an earlier run that was killed has left mounted. */
  static void releaseBelow(Path directory) {
    SmallDisks disks = new SmallDisks(directory);
    List<String> names = new ArrayList<>(STATES);
    names.add(WAREHOUSE);
    for (String name : names) {
      Path path = directory.resolve(name);
      if (isMount(path)) {
        disks.mounted.put(name, path);
      }
    }
    disks.mounted.values().forEach(SmallDisks::unmount);
  }

  private static boolean isMount(Path path) {
    try {
      return Files.isDirectory(path)
          && !Files.getFileStore(path)
              .equals(Files.getFileStore(path.toAbsolutePath().getParent()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + path, e);
    }
  }

  boolean has(String name) {
    return mounted.containsKey(name);
  }

  /** Leaves no space. */
  void fill(String name) {
    Path path = mounted.get(name);
    String refusal = "it is not mounted";
    for (int i = 0; i < TRIES && path != null && refusal != null; i++) {
      // What is written between the two is in the way of making it smaller.
      refusal = run("mount", "-o", "remount,size=" + used(path), path.toString());
    }
    if (refusal != null) {
      throw new IllegalStateException("cannot fill " + directory.resolve(name) + ": " + refusal);
    }
  }

  /** Gives the space back. */
  void free(String name) {
    Path path = mounted.get(name);
    if (path != null) {
      run("mount", "-o", "remount,size=" + SIZE, path.toString());
    }
  }

  private static long used(Path path) {
    try {
      FileStore store = Files.getFileStore(path);
      // A size of nothing would mean no limit.
      return Math.max(PAGE, store.getTotalSpace() - store.getUsableSpace());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at " + path, e);
    }
  }

  /** Moves what stands on them to the directories that they were mounted on. */
  @Override
  public void close() {
    mounted.forEach(
        (name, path) -> {
          free(name);
          Path aside = path.resolveSibling(path.getFileName() + ".aside");
          String failure = run("cp", "-a", path.toString(), aside.toString());
          unmount(path);
          if (failure == null) {
            moveBack(aside, path);
          }
        });
    mounted.clear();
    try {
      Runtime.getRuntime().removeShutdownHook(detach);
    } catch (IllegalStateException e) {
      // the JVM is going down and this hook with it
    }
  }

  /** A run that is ended by a signal leaves nothing mounted, and nothing of what stood there. */
  private void detach() {
    mounted.values().forEach(path -> run("umount", "-l", path.toString()));
  }

  private static void moveBack(Path aside, Path path) {
    try {
      Files.delete(path);
      Files.move(aside, path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot put " + aside + " in place of " + path, e);
    }
  }

  private static void unmount(Path path) {
    if (run("umount", path.toString()) != null) {
      run("umount", "-l", path.toString());
    }
  }

  private static void create(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + path, e);
    }
  }

  /** Runs a program; null when it did what was asked, else what it said. */
  private static @Nullable String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return command[0] + " does not end";
      }
      return process.exitValue() == 0 ? null : said;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
