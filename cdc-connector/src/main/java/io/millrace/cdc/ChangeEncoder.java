package io.millrace.cdc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.Utf8;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the changes of one table in one version of its schema: Debezium's structs to keys and
 * {@link io.millrace.schemas.ChangeEvent}s in the Confluent wire format. What can be known of the
 * schema is known once, here. Not thread-safe.
 */
final class ChangeEncoder {
  private static final Utf8 STREAMING = new Utf8("false");
  private static final Utf8 SNAPSHOT = new Utf8("true");
  private static final Utf8 SNAPSHOT_LAST = new Utf8("last");

  private final byte[] keyHeader;
  private final byte[] valueHeader;
  private final RowWriter key;
  private final RowWriter row;
  private final List<Column> columns;
  private final Utf8 connector;
  private final boolean hasLsn;
  private final Utf8 name;
  private final Utf8 database;
  private final Utf8 schema;
  private final Utf8 table;
  private final byte[] position = new byte[Positions.LENGTH];
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
  private BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);

  /**
   * An encoder.
   *
   * @param keyId registry id of the key schema
   * @param valueId registry id of the envelope
   * @param keyColumns in the key schema's order
   * @param rowColumns in the row schema's order
   * @param pipeline name of the pipeline
   * @param source the database
   * @param from the table's name in the database
   */
  ChangeEncoder(
      int keyId,
      int valueId,
      List<Column> keyColumns,
      List<Column> rowColumns,
      String pipeline,
      CapturedSource source,
      TableName from) {
    this.keyHeader = header(keyId);
    this.valueHeader = header(valueId);
    this.columns = List.copyOf(rowColumns);
    this.key = RowWriter.of(keyColumns);
    this.row = RowWriter.of(rowColumns);
    this.name = new Utf8(pipeline);
    this.connector = new Utf8(source.connector());
    this.hasLsn = source.hasLsn();
    this.database = new Utf8(source.database(from));
    this.schema = new Utf8(from.schema());
    this.table = new Utf8(from.table());
  }

  /** The columns of rows, with one of them nullable. */
  List<Column> columnsWithNull(String name) {
    return columns.stream()
        .map(column -> column.name().equals(name) ? new Column(name, column.type(), true) : column)
        .toList();
  }

  private static byte[] header(int id) {
    return new byte[] {0, (byte) (id >>> 24), (byte) (id >>> 16), (byte) (id >>> 8), (byte) id};
  }

  /**
   * Encodes a key.
   *
   * @throws UnrepresentableValueException when a value has no Avro form
   */
  byte[] key(Struct struct) throws UnrepresentableValueException {
    return encode(keyHeader, () -> key.write(struct, encoder));
  }

  /** Encodes the key of a row of which nothing but its place tells it from others. */
  byte[] place(Change change) {
    return encode(
        keyHeader,
        () -> {
          Positions.write(position, change.place(), change.order());
          encoder.writeBytes(position);
        });
  }

  /**
   * Encodes a change.
   *
   * @throws UnrepresentableValueException when a value has no Avro form
   */
  byte[] value(Change change) throws UnrepresentableValueException {
    return encode(valueHeader, () -> write(change));
  }

  /**
   * Encodes a deletion whose old row is at hand as Avro has it.
   *
   * @param writer of rows in this encoder's schema
   */
  byte[] deletion(Change change, IndexedRecord before, DatumWriter<IndexedRecord> writer) {
    return encode(
        valueHeader,
        () -> {
          encoder.writeIndex(1);
          writer.write(before, encoder);
          encoder.writeIndex(0);
          writeMetadata(change);
        });
  }

  private void write(Change change) throws IOException, UnrepresentableValueException {
    nullable(change.before());
    nullable(change.after());
    writeMetadata(change);
  }

  private void writeMetadata(Change change) throws IOException {
    encoder.writeString(change.op());
    encoder.writeLong(change.tsMillis());
    writeSource(change);
    writeTransaction(change);
    encoder.writeLong(change.commitMicros());
    Positions.write(position, change.place(), change.order());
    encoder.writeBytes(position);
  }

  private void nullable(@Nullable Struct struct) throws IOException, UnrepresentableValueException {
    if (struct == null) {
      encoder.writeIndex(0);
    } else {
      encoder.writeIndex(1);
      row.write(struct, encoder);
    }
  }

  private void writeSource(Change change) throws IOException {
    encoder.writeString(connector);
    encoder.writeString(name);
    encoder.writeLong(change.commitMicros());
    encoder.writeString(
        switch (change.phase()) {
          case STREAMING -> STREAMING;
          case SNAPSHOT -> SNAPSHOT;
          case SNAPSHOT_LAST -> SNAPSHOT_LAST;
        });
    encoder.writeString(database);
    encoder.writeString(schema);
    encoder.writeString(table);
    if (change.transactionId() == null) {
      encoder.writeIndex(0);
    } else {
      encoder.writeIndex(1);
      encoder.writeLong(change.transactionId());
    }
    if (hasLsn) {
      encoder.writeIndex(1);
      encoder.writeLong(change.position());
    } else {
      encoder.writeIndex(0);
    }
  }

  private void writeTransaction(Change change) throws IOException {
    Struct transaction = change.transaction();
    if (transaction == null) {
      encoder.writeIndex(0);
      return;
    }
    encoder.writeIndex(1);
    encoder.writeString(transaction.getString("id"));
    encoder.writeLong(transaction.getInt64("total_order"));
    encoder.writeLong(transaction.getInt64("data_collection_order"));
  }

  @FunctionalInterface
  private interface Writing<E extends Exception> {
    void run() throws IOException, E;
  }

  private <E extends Exception> byte[] encode(byte[] header, Writing<E> writing) throws E {
    bytes.reset();
    bytes.write(header, 0, header.length);
    boolean whole = false;
    try {
      writing.run();
      encoder.flush();
      whole = true;
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!whole) {
        // What a failed change left in the buffer must not go into the next one.
        encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      }
    }
  }
}
