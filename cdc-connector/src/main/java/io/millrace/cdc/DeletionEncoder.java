package io.millrace.cdc;

import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;

/**
 * Encodes the deletion of a row that the source does not send: the old row is what the row's last
 * change event left, in the table's schema of now. Used by one thread.
 */
final class DeletionEncoder {
  private static final int HEADER = 5;

  private final SchemaRegistry registry;
  private final ChangeEncoder encoder;

  /** Of a change event only the row after it. */
  private final Schema after;

  private final DatumWriter<IndexedRecord> writer;
  private final Map<Integer, DatumReader<IndexedRecord>> readers = new HashMap<>();

  /**
   * An encoder.
   *
   * @param envelope the table's value schema of now
   * @param encoder of changes in that schema
   */
  DeletionEncoder(SchemaRegistry registry, Schema envelope, ChangeEncoder encoder) {
    this.registry = registry;
    this.encoder = encoder;
    Schema.Field row = envelope.getFields().get(ChangeEvent.AFTER);
    this.after =
        Schema.createRecord(
            envelope.getName(),
            null,
            envelope.getNamespace(),
            false,
            List.of(new Schema.Field(row, row.schema())));
    this.writer = new GenericDatumWriter<>(ChangeEvent.row(envelope));
  }

  /**
   * Encodes a deletion.
   *
   * @param last the row's last change event as it stands in the topic, not itself a deletion
   * @param deletion where and when the row is deleted
   */
  byte[] encode(byte[] last, Change deletion) {
    try {
      IndexedRecord row =
          (IndexedRecord)
              readers
                  .computeIfAbsent(ByteBuffer.wrap(last).getInt(1), this::reader)
                  .read(
                      null,
                      DecoderFactory.get().binaryDecoder(last, HEADER, last.length - HEADER, null))
                  .get(0);
      return encoder.deletion(deletion, row, writer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DatumReader<IndexedRecord> reader(int id) {
    return new GenericDatumReader<>(registry.schema(id), after);
  }
}
