package io.millrace.aggregation;

import java.math.BigDecimal;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Sums in which nothing is lost, so that taking back a value leaves what was there before: 32-bit
 * integers in 64 bits, everything else in decimals wide enough for any number of rows.
 */
sealed interface ExactSum {
  /** Digits of a sum of 64-bit integers or decimals: twice the widest argument. */
  int PRECISION = 76;

  /** Avro schema of the sums. */
  Schema schema();

  Object zero();

  /** The sum with a value more. */
  Object add(Object sum, Object value);

  /** The sum with a value less. */
  Object subtract(Object sum, Object value);

  /**
   * Sums of a column.
   *
   * @throws IllegalArgumentException for a column that is not of integers or decimals
   */
  static ExactSum of(Schema column) {
    Schema type = ResultType.withoutNull(column);
    if (type.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
      return new OfDecimals(decimal.getScale());
    }
    if (type.getLogicalType() == null && type.getType() == Schema.Type.INT) {
      return new OfInts();
    }
    if (type.getLogicalType() == null && type.getType() == Schema.Type.LONG) {
      return new OfLongs();
    }
    throw new IllegalArgumentException("cannot sum " + column);
  }

  private static Schema decimals(int scale) {
    return LogicalTypes.decimal(PRECISION, scale).addToSchema(Schema.create(Schema.Type.BYTES));
  }

  /** Sums of {@code int}. */
  record OfInts() implements ExactSum {
    @Override
    public Schema schema() {
      return Schema.create(Schema.Type.LONG);
    }

    @Override
    public Object zero() {
      return 0L;
    }

    @Override
    public Object add(Object sum, Object value) {
      return Math.addExact((Long) sum, (Integer) value);
    }

    @Override
    public Object subtract(Object sum, Object value) {
      return Math.subtractExact((Long) sum, (long) (Integer) value);
    }
  }

  /** Sums of {@code long}. */
  record OfLongs() implements ExactSum {
    @Override
    public Schema schema() {
      return decimals(0);
    }

    @Override
    public Object zero() {
      return BigDecimal.ZERO;
    }

    @Override
    public Object add(Object sum, Object value) {
      return ((BigDecimal) sum).add(BigDecimal.valueOf((Long) value));
    }

    @Override
    public Object subtract(Object sum, Object value) {
      return ((BigDecimal) sum).subtract(BigDecimal.valueOf((Long) value));
    }
  }

  /** Sums of decimals. */
  record OfDecimals(int scale) implements ExactSum {
    @Override
    public Schema schema() {
      return decimals(scale);
    }

    @Override
    public Object zero() {
      return BigDecimal.ZERO.setScale(scale);
    }

    @Override
    public Object add(Object sum, Object value) {
      return ((BigDecimal) sum).add((BigDecimal) value);
    }

    @Override
    public Object subtract(Object sum, Object value) {
      return ((BigDecimal) sum).subtract((BigDecimal) value);
    }
  }
}
