package io.millrace.cdc.binlog;

import io.millrace.cdc.ColumnType;
import io.millrace.cdc.ColumnType.Kind;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A column's type as its table declares it, of those that pass to Avro without loss.
 *
 * @param form how its values come
 * @param length bits of an integer or a BIT, digits of a decimal, bytes of a BINARY; otherwise 0
 * @param scale digits after a decimal's point; otherwise 0
 * @param unsigned an integer's values are not negative
 * @param charset of a text; otherwise empty
 */
record BinlogType(Form form, int length, int scale, boolean unsigned, String charset) {
  /** For messages: what a column's type may be. */
  static final String CAPTURED =
      "tinyint, smallint, mediumint, int, bigint, signed or not, decimal of at most 38 digits,"
          + " bit, char, varchar and text in utf8mb4, utf8mb3, ascii or latin1, binary, varbinary,"
          + " blob, date, datetime, timestamp, time, year, enum, set, json, uuid";

  private static final int MAX_DIGITS = 38;
  private static final int DEFAULT_DIGITS = 10;

  /** Of the others a snapshot and the log do not tell the same. */
  private static final Set<String> CHARSETS =
      Set.of("utf8mb4", "utf8mb3", "utf8", "ascii", "latin1");

  /** How values come. */
  enum Form {
    INTEGER,
    DECIMAL,
    BIT,
    TEXT,
    BINARY,
    BYTES,
    DATE,
    DATETIME,
    TIMESTAMP,
    TIME,
    YEAR,
    ENUM,
    SET,
    JSON,
    UUID
  }

  /**
   * A type; empty when it is not captured.
   *
   * @param declared its name, with {@code UNSIGNED} where it is; not case-sensitive
   * @param length as declared; 0 when it is not
   * @param scale as declared; 0 when it is not
   * @param charset of a text; empty when it has none
   */
  static Optional<BinlogType> of(String declared, int length, int scale, String charset) {
    String text = declared.toUpperCase(Locale.ROOT);
    boolean unsigned = text.contains("UNSIGNED") || text.contains("ZEROFILL");
    String name =
        text.replace("UNSIGNED", "").replace("ZEROFILL", "").replace("SIGNED", "").strip();
    return switch (name) {
      case "TINYINT", "BOOL", "BOOLEAN", "INT1" -> integer(8, unsigned);
      case "SMALLINT", "INT2" -> integer(16, unsigned);
      case "MEDIUMINT", "MIDDLEINT", "INT3" -> integer(24, unsigned);
      case "INT", "INTEGER", "INT4" -> integer(32, unsigned);
      case "BIGINT", "INT8" -> integer(64, unsigned);
      case "SERIAL" -> integer(64, true);
      case "DECIMAL", "DEC", "NUMERIC", "FIXED" -> decimal(length, scale);
      case "BIT" -> plain(Form.BIT, Math.max(length, 1));
      case "CHAR",
          "CHARACTER",
          "VARCHAR",
          "CHARACTER VARYING",
          "TINYTEXT",
          "TEXT",
          "MEDIUMTEXT",
          "LONGTEXT" ->
          text(Form.TEXT, charset);
      case "ENUM" -> text(Form.ENUM, charset);
      case "SET" -> text(Form.SET, charset);
      case "BINARY" -> plain(Form.BINARY, Math.max(length, 1));
      case "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB" -> plain(Form.BYTES, 0);
      case "DATE" -> plain(Form.DATE, 0);
      case "DATETIME" -> plain(Form.DATETIME, 0);
      case "TIMESTAMP" -> plain(Form.TIMESTAMP, 0);
      case "TIME" -> plain(Form.TIME, 0);
      case "YEAR" -> plain(Form.YEAR, 0);
      case "JSON" -> plain(Form.JSON, 0);
      case "UUID" -> plain(Form.UUID, 0);
      default -> Optional.empty();
    };
  }

  private static Optional<BinlogType> integer(int bits, boolean unsigned) {
    return Optional.of(new BinlogType(Form.INTEGER, bits, 0, unsigned, ""));
  }

  private static Optional<BinlogType> decimal(int length, int scale) {
    int digits = length == 0 ? DEFAULT_DIGITS : length;
    return digits > MAX_DIGITS
        ? Optional.empty()
        : Optional.of(new BinlogType(Form.DECIMAL, digits, scale, false, ""));
  }

  private static Optional<BinlogType> text(Form form, String charset) {
    String name = charset.toLowerCase(Locale.ROOT);
    return CHARSETS.contains(name)
        ? Optional.of(new BinlogType(form, 0, 0, false, name))
        : Optional.empty();
  }

  private static Optional<BinlogType> plain(Form form, int length) {
    return Optional.of(new BinlogType(form, length, 0, false, ""));
  }

  /** What it becomes. */
  ColumnType type() {
    return switch (form) {
      case INTEGER -> integerType();
      case DECIMAL -> ColumnType.decimal(length, scale);
      case BIT -> bitType();
      case TEXT, ENUM, SET, JSON -> ColumnType.of(Kind.STRING);
      case BINARY, BYTES -> ColumnType.of(Kind.BYTES);
      case DATE -> ColumnType.of(Kind.DATE);
      case DATETIME -> ColumnType.of(Kind.TIMESTAMP);
      case TIMESTAMP -> ColumnType.of(Kind.TIMESTAMP_TZ);
      case TIME -> ColumnType.of(Kind.LONG);
      case YEAR -> ColumnType.of(Kind.INT);
      case UUID -> ColumnType.of(Kind.UUID);
    };
  }

  private ColumnType integerType() {
    if (length == 64) {
      return unsigned ? ColumnType.decimal(20, 0) : ColumnType.of(Kind.LONG);
    }
    return ColumnType.of(length == 32 && unsigned ? Kind.LONG : Kind.INT);
  }

  private ColumnType bitType() {
    if (length == 1) {
      return ColumnType.of(Kind.BOOLEAN);
    }
    return length == 64 ? ColumnType.decimal(20, 0) : ColumnType.of(Kind.LONG);
  }

  /** Whether its values are some of those that its table names. */
  boolean hasOptions() {
    return form == Form.ENUM || form == Form.SET;
  }

  /** Whether values can be missing even where the table says NOT NULL: zero dates are none. */
  boolean mayBeZeroDate() {
    return form == Form.DATE || form == Form.DATETIME || form == Form.TIMESTAMP;
  }
}
