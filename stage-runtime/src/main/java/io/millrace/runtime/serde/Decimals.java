package io.millrace.runtime.serde;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import org.apache.avro.Conversion;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Avro's decimal bytes (big-endian two's complement) to and from {@link BigDecimal}. Values of up
 * to eight bytes, nearly all, take no {@link BigInteger}.
 */
final class Decimals extends Conversion<BigDecimal> {
  @Override
  public Class<BigDecimal> getConvertedType() {
    return BigDecimal.class;
  }

  @Override
  public String getLogicalTypeName() {
    return "decimal";
  }

  /**
   * A decimal of bytes.
   *
   * @throws ArithmeticException when it has more digits than the type's precision: no one wrote it
   */
  @Override
  public BigDecimal fromBytes(ByteBuffer value, Schema schema, LogicalType type) {
    LogicalTypes.Decimal decimal = (LogicalTypes.Decimal) type;
    return checked(decoded(value, decimal.getScale()), decimal);
  }

  private static BigDecimal decoded(ByteBuffer value, int scale) {
    int length = value.remaining();
    int start = value.position();
    // One comparison, for long ones and for empty ones, which BigInteger refuses. With two, one of
    // 16 bytes was twice taken for an empty one, in code that the JIT had compiled.
    if (Integer.compareUnsigned(length - 1, Long.BYTES) >= 0) {
      byte[] bytes = new byte[length];
      value.get(start, bytes);
      return new BigDecimal(new BigInteger(bytes), scale);
    }
    long unscaled = value.get(start);
    for (int i = 1; i < length; i++) {
      unscaled = (unscaled << 8) | (value.get(start + i) & 0xff);
    }
    return BigDecimal.valueOf(unscaled, scale);
  }

  /**
   * The bytes of a decimal.
   *
   * @throws ArithmeticException when {@code value} has digits beyond {@code type}'s scale, or more
   *     digits than its precision
   */
  static byte[] bytes(BigDecimal value, LogicalTypes.Decimal type) {
    BigDecimal scaled = value.scale() == type.getScale() ? value : value.setScale(type.getScale());
    return checked(scaled, type).unscaledValue().toByteArray();
  }

  private static BigDecimal checked(BigDecimal value, LogicalTypes.Decimal type) {
    if (value.precision() > type.getPrecision()) {
      throw new ArithmeticException(
          "a decimal of %d digits does not fit decimal(%d, %d)"
              .formatted(value.precision(), type.getPrecision(), type.getScale()));
    }
    return value;
  }

  @Override
  public ByteBuffer toBytes(BigDecimal value, Schema schema, LogicalType type) {
    return ByteBuffer.wrap(bytes(value, (LogicalTypes.Decimal) type));
  }
}
