package io.millrace.runtime.serde;

import io.millrace.schemas.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.FastReaderBuilder;

/**
 * Avro's data model of {@link Row}s: records decode straight into rows, strings into {@link String}
 * unless asked otherwise, decimals into {@link java.math.BigDecimal}.
 */
final class RowData extends GenericData {
  /** Records that the reader reads, with strings marked, to how their rows are made. */
  private final Map<Schema, RowMaker> makers = new ConcurrentHashMap<>();

  RowData() {
    addLogicalTypeConversion(new Decimals());
  }

  /** Makes an empty row for a record. */
  @FunctionalInterface
  interface RowMaker {
    Row row(Schema schema);
  }

  /** A reader of records written with {@code writer} as rows of {@code reader}. */
  static DatumReader<Row> reader(Schema writer, Schema reader) {
    return reader(writer, reader, Map.of());
  }

  /**
   * A reader that makes the rows of some records itself.
   *
   * @param makers by full name of the record in {@code reader}
   */
  static DatumReader<Row> reader(Schema writer, Schema reader, Map<String, RowMaker> makers) {
    RowData data = new RowData();
    Schema strings = StringSchemas.withJavaStrings(reader);
    data.remember(strings, reader, makers);
    return data.compile(writer, strings);
  }

  /** A reader whose strings are {@link org.apache.avro.util.Utf8}. */
  static DatumReader<Row> utf8Reader(Schema writer, Schema reader) {
    return new RowData().compile(writer, reader);
  }

  private DatumReader<Row> compile(Schema writer, Schema reader) {
    try {
      return new FastReaderBuilder(this).createDatumReader(writer, reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void remember(Schema strings, Schema original, Map<String, RowMaker> given) {
    switch (strings.getType()) {
      case RECORD -> {
        RowMaker maker = given.getOrDefault(original.getFullName(), schema -> new Row(original));
        if (makers.putIfAbsent(strings, maker) == null) {
          for (int i = 0; i < strings.getFields().size(); i++) {
            remember(
                strings.getFields().get(i).schema(), original.getFields().get(i).schema(), given);
          }
        }
      }
      case UNION -> {
        for (int i = 0; i < strings.getTypes().size(); i++) {
          remember(strings.getTypes().get(i), original.getTypes().get(i), given);
        }
      }
      case ARRAY -> remember(strings.getElementType(), original.getElementType(), given);
      case MAP -> remember(strings.getValueType(), original.getValueType(), given);
      default -> {}
    }
  }

  @Override
  public InstanceSupplier getNewRecordSupplier(Schema schema) {
    RowMaker maker = makers.getOrDefault(schema, Row::new);
    return (reuse, asked) -> maker.row(asked);
  }

  @Override
  public Object newRecord(Object reuse, Schema schema) {
    return makers.getOrDefault(schema, Row::new).row(schema);
  }
}
