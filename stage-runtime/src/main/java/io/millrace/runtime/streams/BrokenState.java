package io.millrace.runtime.streams;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * State that cannot be opened: above all what is left of a task's when the process was killed while
 * Kafka Streams deleted it. Streams opens all state that it finds when it starts, and fails for
 * good. Such a task's state is removed; it is in the changelogs.
 */
final class BrokenState {
  private static final Logger LOG = LoggerFactory.getLogger(BrokenState.class);
  private static final String TASK = "\\d+_\\d+";
  private static final String STORES = "rocksdb";

  /** Enough to look at a store, however many files it has. */
  private static final int OPEN_FILES = 16;

  private BrokenState() {}

  /**
   * Removes what cannot be opened of an application that does not run.
   *
   * @param directory of the application; it may not be there
   */
  static void remove(Path directory) {
    RocksDB.loadLibrary();
    for (Path task : directories(directory, 1)) {
      if (task.getFileName().toString().matches(TASK)) {
        reason(task).ifPresent(reason -> remove(task, reason));
      }
    }
  }

  private static void remove(Path task, String reason) {
    LOG.warn(
        "State of task {} cannot be opened, and is restored from its changelogs: {}", task, reason);
    try {
      Utils.delete(task.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + task, e);
    }
  }

  /** Why one of a task's stores cannot be opened; empty when all can. */
  private static Optional<String> reason(Path task) {
    for (Path store : directories(task.resolve(STORES), Integer.MAX_VALUE)) {
      // One of segments has its files in directories below.
      if (!holdsFiles(store)) {
        continue;
      }
      try {
        open(store.toString());
      } catch (RocksDBException e) {
        return Optional.of(store.getFileName() + ": " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** Opens and closes a store, which checks that all its files are there. */
  private static void open(String store) throws RocksDBException {
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    try (Options options = new Options()) {
      RocksDB.listColumnFamilies(options, store)
          .forEach(name -> families.add(new ColumnFamilyDescriptor(name)));
    }
    if (families.isEmpty()) {
      throw new RocksDBException("it has no manifest");
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options = new DBOptions().setMaxOpenFiles(OPEN_FILES).setKeepLogFileNum(1);
        RocksDB database = RocksDB.openReadOnly(options, store, families, handles)) {
      handles.forEach(ColumnFamilyHandle::close);
      LOG.debug("{} can be opened", database.getName());
    }
  }

  private static boolean holdsFiles(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(Files::isRegularFile);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + directory, e);
    }
  }

  private static List<Path> directories(Path below, int depth) {
    if (!Files.isDirectory(below)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(below, depth)) {
      return all.filter(path -> Files.isDirectory(path) && !path.equals(below)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + below, e);
    }
  }
}
