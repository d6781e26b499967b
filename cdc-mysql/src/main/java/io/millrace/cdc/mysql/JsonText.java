package io.millrace.cdc.mysql;

import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonFormatter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Base64;
import java.util.HexFormat;

/** Writes JSON as MySQL does, to the last space and digit. */
final class JsonText implements JsonFormatter {
  /** Numbers with more places before the point or zeros behind it have an exponent. */
  private static final int PLACES = 15;

  private final StringBuilder text = new StringBuilder();

  @Override
  public void beginObject(int numElements) {
    text.append('{');
  }

  @Override
  public void beginArray(int numElements) {
    text.append('[');
  }

  @Override
  public void endObject() {
    text.append('}');
  }

  @Override
  public void endArray() {
    text.append(']');
  }

  @Override
  public void nextEntry() {
    text.append(", ");
  }

  @Override
  public void name(String name) {
    quoted(name);
    text.append(": ");
  }

  @Override
  public void value(String value) {
    quoted(value);
  }

  @Override
  public void value(int value) {
    text.append(value);
  }

  @Override
  public void value(long value) {
    text.append(value);
  }

  @Override
  public void value(BigInteger value) {
    text.append(value);
  }

  @Override
  public void value(BigDecimal value) {
    text.append(value.toPlainString());
  }

  @Override
  public void value(boolean value) {
    text.append(value);
  }

  @Override
  public void valueNull() {
    text.append("null");
  }

  @Override
  public void value(double value) {
    text.append(number(value));
  }

  /**
   * The fewest digits that mean this number and no other. Java gives them too, except that it wants
   * two where the smallest numbers of all have one.
   */
  static String number(double value) {
    String sign = Math.copySign(1, value) < 0 ? "-" : "";
    double size = Math.abs(value);
    if (size == 0) {
      return sign + "0.0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(size)).stripTrailingZeros();
    BigDecimal oneDigit = exact.round(new MathContext(1));
    if (oneDigit.doubleValue() == size) {
      exact = oneDigit.stripTrailingZeros();
    }
    String digits = exact.unscaledValue().toString();
    int point = digits.length() - exact.scale();
    if ((point > PLACES && digits.length() <= point) || point <= -PLACES) {
      String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
      return sign + digits.charAt(0) + fraction + "e" + (point - 1);
    }
    String plain = exact.toPlainString();
    return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
  }

  @Override
  public void valueYear(int year) {
    text.append(year);
  }

  @Override
  public void valueDate(int year, int month, int day) {
    throw unread("date");
  }

  @Override
  public void valueDatetime(
      int year, int month, int day, int hour, int min, int sec, int microSeconds) {
    throw unread("datetime");
  }

  @Override
  public void valueTime(int hour, int min, int sec, int microSeconds) {
    throw unread("time");
  }

  @Override
  public void valueTimestamp(long secondsPastEpoch, int microSeconds) {
    throw unread("timestamp");
  }

  private static IllegalStateException unread(String type) {
    return new IllegalStateException("a JSON value's " + type + " was not read by MySqlJson");
  }

  @Override
  public void valueOpaque(ColumnType type, byte[] value) {
    quoted("base64:type%d:%s".formatted(type.getCode(), Base64.getEncoder().encodeToString(value)));
  }

  /** A text, or what JSON has as one. */
  void quoted(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\b' -> text.append("\\b");
        case '\t' -> text.append("\\t");
        case '\n' -> text.append("\\n");
        case '\f' -> text.append("\\f");
        case '\r' -> text.append("\\r");
        default -> {
          if (c < ' ') {
            text.append("\\u").append(HexFormat.of().toHexDigits(c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
