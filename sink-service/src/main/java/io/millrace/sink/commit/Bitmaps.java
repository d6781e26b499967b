package io.millrace.sink.commit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.FileIO;

/** Reads deletion vectors; those of one file are read at once. */
public final class Bitmaps {
  private final FileIO io;
  private final Map<String, byte[]> files = new HashMap<>();

  /** Of a table's files. */
  public Bitmaps(FileIO io) {
    this.io = io;
  }

  /** The rows that a vector deletes. */
  public PositionDeleteIndex of(DeleteFile vector) {
    byte[] file = files.computeIfAbsent(vector.location(), this::read);
    int start = Math.toIntExact(vector.contentOffset());
    int length = Math.toIntExact(vector.contentSizeInBytes());
    byte[] bitmap = new byte[length];
    System.arraycopy(file, start, bitmap, 0, length);
    return PositionDeleteIndex.deserialize(bitmap, vector);
  }

  private byte[] read(String location) {
    try (var in = io.newInputFile(location).newStream()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
