package io.millrace.sink.lake;

import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.parquet.InternalReader;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.parquet.Parquet;

/** Reads the rows of Parquet files, in their order. */
public final class DataFileRows {
  private DataFileRows() {}

  /**
   * All rows of a file, deleted ones too.
   *
   * @param wanted the columns to read
   */
  public static CloseableIterable<StructLike> read(FileIO io, String location, Schema wanted) {
    return Parquet.read(io.newInputFile(location))
        .project(wanted)
        .createReaderFunc(file -> InternalReader.create(wanted, file))
        .build();
  }
}
