package io.millrace.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Resident memory of processes. Shared pages are divided among those who share them where the
 * system says so, since PostgreSQL's processes share most of theirs.
 */
final class ResidentMemory {
  private ResidentMemory() {}

  /** Bytes of the process alone; null where the system does not tell. */
  static @Nullable Long of(long pid) {
    OptionalLong own = ownBytes(pid);
    return own.isPresent() ? own.getAsLong() : null;
  }

  /** Bytes of the process and all below it; null where the system does not tell. */
  static @Nullable Long withChildren(long pid) {
    Long own = of(pid);
    return own == null
        ? null
        : own
            + ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .mapToLong(child -> ownBytes(child.pid()).orElse(0))
                .sum();
  }

  private static OptionalLong ownBytes(long pid) {
    OptionalLong shared = kibibytes(Path.of("/proc/" + pid + "/smaps_rollup"), "Pss:");
    return shared.isPresent() ? shared : kibibytes(Path.of("/proc/" + pid + "/status"), "VmRSS:");
  }

  private static OptionalLong kibibytes(Path file, String field) {
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.stream()
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
