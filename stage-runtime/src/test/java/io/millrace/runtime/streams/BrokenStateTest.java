package io.millrace.runtime.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class BrokenStateTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"MANIFEST-", "CURRENT", ".sst"})
  void removesATaskThatWasHalfDeleted(String gone) throws Exception {
    // given
    Path whole = store("0_0");
    Path half = store("1_12");
    delete(half, gone);

    // when
    BrokenState.remove(directory);

    // then
    assertThat(directory.resolve("1_12")).doesNotExist();
    assertThat(value(whole)).isEqualTo("value");
  }

  @Test
  void opensTheSegmentsOfAStore() throws Exception {
    // given
    Path segmented = directory.resolve("2_0/rocksdb/segmented");
    Files.createDirectories(segmented);
    Path segment = Files.move(store("0_0"), segmented.resolve("store.0"));

    // when
    BrokenState.remove(directory);

    // then
    assertThat(value(segment)).isEqualTo("value");
  }

  @Test
  void leavesWhatIsNoTask() throws Exception {
    // given
    Path other = store("backup");
    delete(other, "CURRENT");

    // when
    BrokenState.remove(directory);
    BrokenState.remove(directory.resolve("absent"));

    // then
    assertThat(other).exists();
  }

  private Path store(String task) throws IOException, RocksDBException {
    Path store = Files.createDirectories(directory.resolve(task).resolve("rocksdb/store"));
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB database = RocksDB.open(options, store.toString());
        FlushOptions flush = new FlushOptions()) {
      database.put("key".getBytes(UTF_8), "value".getBytes(UTF_8));
      database.flush(flush);
    }
    return store;
  }

  private static String value(Path store) throws RocksDBException {
    try (RocksDB database = RocksDB.open(store.toString())) {
      return new String(database.get("key".getBytes(UTF_8)), UTF_8);
    }
  }

  private static void delete(Path store, String part) throws IOException {
    try (Stream<Path> files = Files.list(store)) {
      for (Path file : files.filter(file -> file.toString().contains(part)).toList()) {
        Files.delete(file);
      }
    }
  }
}
