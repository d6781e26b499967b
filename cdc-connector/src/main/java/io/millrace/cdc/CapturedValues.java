package io.millrace.cdc;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The form in which every source gives its values: names of Connect schemas, each a type of {@link
 * ColumnType}, and markers in the place of values that have no form. A marker is no value that a
 * database could have, or is told by its identity.
 */
public final class CapturedValues {
  /** int32: days since the epoch. */
  public static final String DATE = "io.millrace.Date";

  /** int64: microseconds since the epoch, as if in UTC. */
  public static final String TIMESTAMP = "io.millrace.Timestamp";

  /** int64: microseconds since the epoch. */
  public static final String TIMESTAMP_TZ = "io.millrace.TimestampTz";

  /** string. */
  public static final String TEXT = "io.millrace.Text";

  /** string: an option of an ENUM, as Debezium has it. */
  static final String ENUM = "io.debezium.data.Enum";

  /** string: options of a SET, with commas between, as Debezium has it. */
  static final String ENUM_SET = "io.debezium.data.EnumSet";

  /** string. */
  public static final String JSONB = "io.millrace.Jsonb";

  /** string. */
  public static final String UUID = "io.millrace.Uuid";

  /** int32. */
  public static final String INT = "io.millrace.Int";

  /** int64. */
  public static final String LONG = "io.millrace.Long";

  /** boolean. */
  public static final String BOOLEAN = "io.millrace.Boolean";

  /** bytes. */
  public static final String BYTES = "io.millrace.Bytes";

  /**
   * Parameter of a column's schema: whether the catalog says that it is NOT NULL. Without it the
   * schema itself says so.
   */
  static final String NOT_NULL = "millrace.not.null";

  /** Parameter of Connect's Decimal: how many digits its values have. */
  public static final String PRECISION = "connect.decimal.precision";

  /** PostgreSQL's timestamps end in the year 294276, its dates in 5874897: far from these. */
  public static final Integer INFINITE_DATE = Integer.MAX_VALUE;

  public static final Integer MINUS_INFINITE_DATE = Integer.MIN_VALUE;
  public static final Long INFINITE_TIMESTAMP = Long.MAX_VALUE;
  public static final Long MINUS_INFINITE_TIMESTAMP = Long.MIN_VALUE;

  /** A number that is none, or infinite. */
  public static final BigDecimal NOT_A_NUMBER = new BigDecimal(BigInteger.ZERO, Integer.MAX_VALUE);

  /** A decimal that was not sent. */
  public static final BigDecimal ABSENT_DECIMAL = new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE);

  /** A text that was not sent. */
  @SuppressWarnings("StringOperationCanBeSimplified") // an identity of its own
  public static final String ABSENT_TEXT = new String("(not sent)");

  /** Bytes that were not sent. */
  public static final byte[] ABSENT_BYTES = new byte[0];

  private CapturedValues() {}

  /** Whether the database did not send the value, a large one that an update left unchanged. */
  @SuppressWarnings("ReferenceEquality") // markers are identities
  static boolean isAbsent(Object value) {
    return value == ABSENT_TEXT || value == ABSENT_BYTES || value == ABSENT_DECIMAL;
  }

  /** Whether a decimal is NaN or infinite. */
  @SuppressWarnings("ReferenceEquality")
  static boolean isNotANumber(Object value) {
    return value == NOT_A_NUMBER;
  }
}
