package io.millrace.sink.writer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Where the row of each key of a source partition stands in the lake: in which data file, at which
 * position. It lives in a state store of the task, so it commits with the offsets of the epoch that
 * changed it, and is what it was when the epoch does not commit.
 *
 * <p>Data files are numbered in the order in which they were written; a key costs its bytes and
 * eight more. Belongs to one task and its thread.
 */
final class KeyIndex {
  private static final byte NEXT_FILE = 0;
  private static final byte KEY = 1;
  private static final byte FILE = 2;
  private static final byte ROWS_LEFT = 3;

  /** So many rows are left in a file that has rows of other partitions too: it never dies. */
  static final int SHARED = Integer.MAX_VALUE;

  /** What the record's key has before the key's own bytes: magic byte and schema id. */
  private static final int WIRE_FORMAT = 5;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Store store;

  /** The state store. A null value removes. */
  interface Store {
    byte @Nullable [] get(Bytes key);

    void put(Bytes key, byte @Nullable [] value);

    /** Visits all entries from one key to another, both included, in the order of their bytes. */
    void range(Bytes from, Bytes to, BiConsumer<Bytes, byte[]> visitor);
  }

  /**
   * Where a row stands.
   *
   * @param file number of its data file
   * @param position of the row in the file, from 0
   */
  record Place(int file, int position) {}

  /**
   * A data file that keys stand in.
   *
   * @param file without its statistics
   * @param rowsLeft how many of its rows count
   */
  record Indexed(int number, DataFile file, int rowsLeft) {}

  KeyIndex(Store store) {
    this.store = store;
  }

  /**
   * What a key is known by: its Avro bytes without the id of their schema, so that a key is the
   * same after an int became a long, which Avro writes alike.
   *
   * @param key a record's key in the Confluent wire format
   */
  static Bytes identity(byte[] key) {
    byte[] bytes = new byte[key.length - WIRE_FORMAT + 1];
    bytes[0] = KEY;
    System.arraycopy(key, WIRE_FORMAT, bytes, 1, key.length - WIRE_FORMAT);
    return Bytes.wrap(bytes);
  }

  /** Whether it never saw a row. */
  boolean isNew() {
    return store.get(Bytes.wrap(new byte[] {NEXT_FILE})) == null;
  }

  /**
   * Where the row of a key stands; null when there is none.
   *
   * @param key {@link #identity} of the key
   */
  @Nullable Place place(Bytes key) {
    byte[] value = store.get(key);
    if (value == null) {
      return null;
    }
    ByteBuffer place = ByteBuffer.wrap(value);
    return new Place(place.getInt(), place.getInt());
  }

  void put(Bytes key, Place place) {
    store.put(key, ByteBuffer.allocate(8).putInt(place.file()).putInt(place.position()).array());
  }

  void remove(Bytes key) {
    store.put(key, null);
  }

  /** How many data files it has numbered. */
  int filesEver() {
    byte[] value = store.get(Bytes.wrap(new byte[] {NEXT_FILE}));
    return value == null ? 0 : ByteBuffer.wrap(value).getInt();
  }

  /** The number of a data file about to be written. */
  int nextFile() {
    int next = filesEver();
    store.put(Bytes.wrap(new byte[] {NEXT_FILE}), number(next + 1));
    return next;
  }

  /** Remembers a data file that was written, all of whose rows count. */
  void add(int number, DataFile file, PartitionSpec spec) {
    String json = ContentFileParser.toJson(file.copyWithoutStats(), spec);
    store.put(ofFile(FILE, number), json.getBytes(StandardCharsets.UTF_8));
    store.put(ofFile(ROWS_LEFT, number), number(Math.toIntExact(file.recordCount())));
  }

  /**
   * A data file that keys stand in, without its statistics.
   *
   * @param specs the table's partitionings
   */
  DataFile file(int number, Map<Integer, PartitionSpec> specs) {
    return parse(Objects.requireNonNull(store.get(ofFile(FILE, number))), specs);
  }

  /**
   * The data files that keys stand in, but for those with rows of other partitions, in the order of
   * their numbers.
   *
   * @param specs the table's partitionings
   */
  List<Indexed> files(Map<Integer, PartitionSpec> specs) {
    List<Indexed> files = new ArrayList<>();
    store.range(
        ofFile(FILE, 0),
        ofFile(FILE, Integer.MAX_VALUE),
        (key, json) -> {
          int number = ByteBuffer.wrap(key.get()).getInt(1);
          int left = rowsLeft(number);
          if (left != SHARED) {
            files.add(new Indexed(number, parse(json, specs), left));
          }
        });
    return files;
  }

  private static DataFile parse(byte[] json, Map<Integer, PartitionSpec> specs) {
    try {
      return (DataFile) ContentFileParser.fromJson(JSON.readTree(utf8(json)), specs);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the key index holds something else than data files", e);
    }
  }

  /** How many rows of a data file count. */
  int rowsLeft(int number) {
    return ByteBuffer.wrap(Objects.requireNonNull(store.get(ofFile(ROWS_LEFT, number)))).getInt();
  }

  /** Says how many rows of a data file count from now on; none: forgets the file. */
  void setRowsLeft(int number, int rows) {
    boolean isDead = rows == 0;
    store.put(ofFile(ROWS_LEFT, number), isDead ? null : number(rows));
    if (isDead) {
      store.put(ofFile(FILE, number), null);
    }
  }

  private static Bytes ofFile(byte what, int number) {
    return Bytes.wrap(ByteBuffer.allocate(5).put(what).putInt(number).array());
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
