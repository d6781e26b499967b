package io.millrace.sink.writer;

import java.util.List;

/**
 * What an epoch came to in one table.
 *
 * @param files finished files
 * @param deadFiles data files of earlier epochs none of whose rows is left, each as the JSON of
 *     Iceberg's ContentFileParser
 * @param deletes keys or rows that the epoch deleted
 */
record WrittenEpoch(List<WrittenFile> files, List<String> deadFiles, long deletes) {
  WrittenEpoch {
    files = List.copyOf(files);
    deadFiles = List.copyOf(deadFiles);
  }

  /** Those files of a kind, as the committer needs them. */
  List<String> json(WrittenFile.Kind kind) {
    return files.stream().filter(file -> file.kind() == kind).map(WrittenFile::json).toList();
  }

  /** Rows that came. */
  long rows() {
    return files.stream()
        .filter(file -> file.kind() == WrittenFile.Kind.ROWS)
        .mapToLong(WrittenFile::rows)
        .sum();
  }
}
