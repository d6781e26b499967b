package io.millrace.benchmarks.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What Linux tells of processes under {@code /proc}. A process that is gone has used nothing. */
final class ProcFs {
  /** Kernel ticks a second: fixed at 100 in what Linux shows to programs. */
  private static final double TICKS = 100;

  private static final Path ROOT = Path.of("/proc");

  private ProcFs() {}

  /** CPU seconds of a process without its children. */
  static double cpuSeconds(long pid) {
    String[] fields = statistics(ROOT.resolve(Long.toString(pid)));
    return fields.length == 0 ? 0 : ticks(fields, 14, 15) / TICKS;
  }

  /** CPU seconds of a process, its children that live and its children that ended. */
  static double treeCpuSeconds(long pid) {
    return tree(pid)
        .mapToDouble(
            each -> {
              String[] fields = statistics(ROOT.resolve(Long.toString(each)));
              return fields.length == 0
                  ? 0
                  : (ticks(fields, 14, 15) + ticks(fields, 16, 17)) / TICKS;
            })
        .sum();
  }

  /** CPU seconds of a process's threads that live, by thread name without its number. */
  static Map<String, Double> threadCpuSeconds(long pid) {
    Map<String, Double> seconds = new TreeMap<>();
    Path tasks = ROOT.resolve(Long.toString(pid)).resolve("task");
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
      for (Path thread : threads) {
        String[] fields = statistics(thread);
        if (fields.length > 0) {
          String name = Files.readString(thread.resolve("comm")).strip();
          seconds.merge(
              name.replaceAll("[#-]?\\d+$", ""), ticks(fields, 14, 15) / TICKS, Double::sum);
        }
      }
    } catch (IOException e) {
      return seconds;
    }
    return seconds;
  }

  /** Greatest resident size that a process has had, bytes. */
  static long peakResident(long pid) {
    return kibibytes(ROOT.resolve(Long.toString(pid)).resolve("status"), "VmHWM:") * 1024;
  }

  /** Memory of a process and its children now, what they share counted once, bytes. */
  static long proportional(long pid) {
    return tree(pid)
            .mapToLong(
                each ->
                    kibibytes(ROOT.resolve(Long.toString(each)).resolve("smaps_rollup"), "Pss:"))
            .sum()
        * 1024;
  }

  private static Stream<Long> tree(long pid) {
    return Stream.concat(
        Stream.of(pid),
        ProcessHandle.of(pid).stream().flatMap(ProcessHandle::descendants).map(ProcessHandle::pid));
  }

  private static double ticks(String[] fields, int user, int system) {
    return Long.parseLong(fields[user - 3]) + (double) Long.parseLong(fields[system - 3]);
  }

  /** Fields of {@code stat} from the third: the second, the name, may hold anything. */
  private static String[] statistics(Path of) {
    try {
      String line = Files.readString(of.resolve("stat"), StandardCharsets.ISO_8859_1);
      return line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
    } catch (IOException e) {
      return new String[0];
    }
  }

  private static long kibibytes(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(name.length()).replace("kB", "").strip())
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }
}
