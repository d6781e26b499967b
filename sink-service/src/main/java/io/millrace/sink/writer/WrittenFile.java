package io.millrace.sink.writer;

import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Table;

/**
 * A finished file.
 *
 * @param location where it is
 * @param json what the committer needs of it
 * @param rows rows, or deleted keys
 * @param isDelete whether it is a delete file
 */
record WrittenFile(String location, String json, long rows, boolean isDelete) {
  static WrittenFile of(ContentFile<?> file, Table table) {
    return new WrittenFile(
        file.location(),
        ContentFileParser.toJson(file, table.specs().get(file.specId())),
        file.recordCount(),
        file.content() != FileContent.DATA);
  }
}
