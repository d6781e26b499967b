package io.millrace.aggregation;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * The type of a call's result.
 *
 * @param type of the Avro value
 * @param precision digits, of a decimal
 * @param scale digits after the point; 0 of integers
 */
record ResultType(Schema.Type type, int precision, int scale) {
  /**
   * The type that a schema says.
   *
   * @throws IllegalArgumentException for one that is neither an integer nor a decimal
   */
  static ResultType of(Schema schema) {
    Schema plain = withoutNull(schema);
    if (plain.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
      return new ResultType(Schema.Type.BYTES, decimal.getPrecision(), decimal.getScale());
    }
    if (plain.getType() == Schema.Type.INT || plain.getType() == Schema.Type.LONG) {
      return new ResultType(plain.getType(), 0, 0);
    }
    throw new IllegalArgumentException("cannot aggregate to " + schema);
  }

  /** The type beside null in a nullable column's union. */
  static Schema withoutNull(Schema schema) {
    if (schema.getType() != Schema.Type.UNION) {
      return schema;
    }
    return schema.getTypes().stream()
        .filter(type -> type.getType() != Schema.Type.NULL)
        .findFirst()
        .orElseThrow();
  }

  Object ofCount(long count) {
    return exact(BigDecimal.valueOf(count));
  }

  Object ofSum(Object sum) {
    return exact(decimal(sum));
  }

  /** The quotient, half up: away from zero in the middle, as PostgreSQL rounds numeric. */
  Object ofAverage(Object sum, long count) {
    return exact(decimal(sum).divide(BigDecimal.valueOf(count), scale, RoundingMode.HALF_UP));
  }

  private static BigDecimal decimal(Object sum) {
    return sum instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf((Long) sum);
  }

  private Object exact(BigDecimal value) {
    return switch (type) {
      case INT -> value.intValueExact();
      case LONG -> value.longValueExact();
      default -> fitting(value.setScale(scale, RoundingMode.UNNECESSARY));
    };
  }

  private BigDecimal fitting(BigDecimal value) {
    if (value.precision() > precision) {
      throw new ArithmeticException(
          "a result of %d digits does not fit decimal(%d, %d)"
              .formatted(value.precision(), precision, scale));
    }
    return value;
  }
}
