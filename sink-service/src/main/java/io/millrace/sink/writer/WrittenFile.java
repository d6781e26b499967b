package io.millrace.sink.writer;

import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Table;

/**
 * A finished file.
 *
 * @param location where it is
 * @param json what the committer needs of it
 * @param rows rows, deleted keys, or deleted rows that came with the epoch
 */
record WrittenFile(Kind kind, String location, String json, long rows) {
  enum Kind {
    ROWS,
    DELETED_KEYS,
    /** A deletion vector: rows of one data file. Several stand in one file. */
    DELETED_ROWS
  }

  /** Rows that were in the table before. */
  static WrittenFile ofMoved(DataFile file, Table table) {
    WrittenFile written = of(file, table);
    return new WrittenFile(written.kind(), written.location(), written.json(), 0);
  }

  static WrittenFile of(ContentFile<?> file, Table table) {
    Kind kind =
        switch (file.content()) {
          case FileContent.DATA -> Kind.ROWS;
          case FileContent.EQUALITY_DELETES -> Kind.DELETED_KEYS;
          default -> Kind.DELETED_ROWS;
        };
    return new WrittenFile(
        kind,
        file.location(),
        ContentFileParser.toJson(file, table.specs().get(file.specId())),
        file.recordCount());
  }
}
