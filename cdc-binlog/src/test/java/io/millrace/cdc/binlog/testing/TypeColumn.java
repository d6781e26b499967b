package io.millrace.cdc.binlog.testing;

import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of a type, and what its values become.
 *
 * @param declaration as a table says it
 * @param literals values as SQL writes them
 * @param expected what an Avro row has of each
 */
public record TypeColumn(
    String declaration, List<String> literals, List<@Nullable Object> expected) {
  /** Keeps them in their order. */
  public TypeColumn {
    literals = List.copyOf(literals);
    expected = Collections.unmodifiableList(new ArrayList<>(expected));
  }

  /** A column without values. */
  public static TypeColumn column(String declaration) {
    return new TypeColumn(declaration, List.of(), List.of());
  }

  /** This, with a value more. */
  public TypeColumn with(String literal, @Nullable Object becomes) {
    List<String> moreLiterals = new ArrayList<>(literals);
    moreLiterals.add(literal);
    List<@Nullable Object> moreExpected = new ArrayList<>(expected);
    moreExpected.add(becomes);
    return new TypeColumn(declaration, moreLiterals, moreExpected);
  }

  /** This, with NULL. */
  public TypeColumn withNull() {
    return with("NULL", null);
  }

  String name() {
    return declaration.substring(0, declaration.indexOf(' '));
  }

  /** As SQL writes it; in rows that have no value of their own, the last one. */
  String literal(int row) {
    return literals.get(Math.min(row, literals.size() - 1));
  }

  @Nullable Object becomes(int row) {
    return expected.get(Math.min(row, expected.size() - 1));
  }

  static int day(String date) {
    return Math.toIntExact(LocalDate.parse(date).toEpochDay());
  }

  static long micros(String time) {
    LocalDateTime parsed = LocalDateTime.parse(time);
    return ChronoUnit.MICROS.between(LocalDateTime.of(1970, 1, 1, 0, 0), parsed);
  }

  static ByteBuffer bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return ByteBuffer.wrap(bytes);
  }
}
