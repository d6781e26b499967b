package io.millrace.sink.lake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files keep the location that the lake knows them by. */
class LocalFileIOTest {
  @TempDir private Path directory;

  @Test
  void readsWhatItWrote() throws IOException {
    // given
    try (LocalFileIO files = new LocalFileIO()) {
      String location = directory.toUri() + "a b/é.txt";

      // when
      write(files, location, "text");
      InputFile file = files.newInputFile(location);

      // then
      assertThat(file.location()).isEqualTo(location);
      assertThat(file.getLength()).isEqualTo(4);
      try (var in = file.newStream()) {
        assertThat(in.readAllBytes()).asString(UTF_8).isEqualTo("text");
      }
      assertThat(files.listPrefix(directory.toUri().toString()))
          .extracting(FileInfo::size)
          .containsExactly(4L);
    }
  }

  @Test
  void takesPathsToo() throws IOException {
    // given
    try (LocalFileIO files = new LocalFileIO()) {
      String location = directory.resolve("plain").toString();

      // when
      write(files, location, "x");

      // then
      assertThat(Files.exists(directory.resolve("plain"))).isTrue();
    }
  }

  @Test
  void neverReplacesAFileUnlessTold() throws IOException {
    // given
    try (LocalFileIO files = new LocalFileIO()) {
      String location = directory.toUri() + "file";
      write(files, location, "first");

      // when, then
      assertThatThrownBy(() -> files.newOutputFile(location).create())
          .isInstanceOf(AlreadyExistsException.class);
      try (PositionOutputStream out = files.newOutputFile(location).createOrOverwrite()) {
        out.write("2".getBytes(UTF_8));
        assertThat(out.getPos()).isOne();
      }
      assertThat(Files.readString(directory.resolve("file"))).isEqualTo("2");
    }
  }

  @Test
  void saysThatAFileIsMissing() {
    // given
    try (LocalFileIO files = new LocalFileIO()) {
      String location = directory.toUri() + "none";

      // when, then
      assertThat(files.newInputFile(location).exists()).isFalse();
      assertThatThrownBy(() -> files.newInputFile(location).getLength())
          .isInstanceOf(NotFoundException.class);
      assertThatThrownBy(() -> files.deleteFile(location)).isInstanceOf(NotFoundException.class);
      assertThat(files.listPrefix(location)).isEmpty();
    }
  }

  private static void write(LocalFileIO files, String location, String text) throws IOException {
    try (PositionOutputStream out = files.newOutputFile(location).create()) {
      out.write(text.getBytes(UTF_8));
    }
  }
}
