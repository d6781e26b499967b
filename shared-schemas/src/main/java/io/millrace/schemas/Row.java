package io.millrace.schemas;

import java.util.Arrays;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * One row of a relation: an Avro record whose values stand in an array, so that compiled
 * expressions read them without a lookup.
 *
 * <p>Value classes by Avro type: {@code int} and {@code date} {@link Integer}; {@code long}, {@code
 * timestamp-micros} and {@code local-timestamp-micros} {@link Long}; {@code decimal} {@link
 * java.math.BigDecimal} of exactly the schema's scale; {@code boolean} {@link Boolean}; {@code
 * string} and {@code uuid} {@link String} (in the lake's writer {@link org.apache.avro.util.Utf8});
 * {@code bytes} {@link java.nio.ByteBuffer}; a null is null.
 */
public final class Row implements IndexedRecord {
  private final Schema schema;
  private final @Nullable Object[] values;

  /** An empty row: every value is null. */
  public Row(Schema schema) {
    this(schema, new @Nullable Object[schema.getFields().size()]);
  }

  /** A row over {@code values}, which it keeps without copying; one value per field, in order. */
  public Row(Schema schema, @Nullable Object[] values) {
    this.schema = schema;
    this.values = values;
  }

  @Override
  public Schema getSchema() {
    return schema;
  }

  @Override
  public @Nullable Object get(int field) {
    return values[field];
  }

  @Override
  public void put(int field, @Nullable Object value) {
    values[field] = value;
  }

  /** The values themselves, not a copy. Callers must not change them. */
  public @Nullable Object[] values() {
    return values;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Row that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return schema.getName() + Arrays.toString(values);
  }
}
