package io.millrace.local.lake;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of text for people: columns as wide as their widest cell, numbers to the right. */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<String> header;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();

  /** An empty table. */
  public TextTable(List<String> header) {
    this.header = List.copyOf(header);
  }

  /** Adds a row, one cell per column; a null is shown as {@code null}. */
  public void add(List<? extends @Nullable Object> cells) {
    if (cells.size() != header.size()) {
      throw new IllegalArgumentException(
          cells.size() + " cells in a table of " + header.size() + " columns");
    }
    rows.add(new ArrayList<>(cells));
  }

  /** Rows added. */
  public int size() {
    return rows.size();
  }

  /** Prints it. */
  public void print(PrintStream out) {
    int[] widths = widths();
    StringBuilder line = new StringBuilder();
    StringBuilder rule = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      pad(line, header.get(i), widths[i], i, numeric(i));
      pad(rule, "-".repeat(widths[i]), widths[i], i, false);
    }
    out.println(line.toString().stripTrailing());
    out.println(rule.toString().stripTrailing());
    for (List<@Nullable Object> row : rows) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        pad(text, text(row.get(i)), widths[i], i, row.get(i) instanceof Number);
      }
      out.println(text.toString().stripTrailing());
    }
  }

  private int[] widths() {
    int[] widths = header.stream().mapToInt(TextTable::width).toArray();
    for (List<@Nullable Object> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(text(row.get(i))));
      }
    }
    return widths;
  }

  private boolean numeric(int column) {
    return !rows.isEmpty() && rows.stream().allMatch(row -> row.get(column) instanceof Number);
  }

  private static void pad(StringBuilder to, String text, int width, int column, boolean right) {
    if (column > 0) {
      to.append(GAP);
    }
    String blank = " ".repeat(width - width(text));
    to.append(right ? blank + text : text + blank);
  }

  private static String text(@Nullable Object cell) {
    return switch (cell) {
      case null -> "null";
      case BigDecimal number -> number.toPlainString();
      default -> cell.toString().replace("\n", "\\n");
    };
  }

  /** Columns on a terminal; East Asian wide characters take two. */
  private static int width(String text) {
    return text.codePoints()
        .map(
            point ->
                switch (Character.UnicodeScript.of(point)) {
                  case HAN, HIRAGANA, KATAKANA, HANGUL -> 2;
                  default -> 1;
                })
        .sum();
  }
}
