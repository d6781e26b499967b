package io.millrace.local.lake;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;

/** How a result is printed. */
public enum ResultFormat {
  /** For people: columns one below the other, numbers to the right. */
  ALIGNED {
    @Override
    public void print(ResultSet result, PrintStream out) throws SQLException {
      TextTable table = new TextTable(columns(result));
      while (result.next()) {
        List<@Nullable Object> cells = new ArrayList<>();
        for (int i = 1; i <= width(result); i++) {
          Object value = result.getObject(i);
          cells.add(value instanceof Number number ? number : CellText.of(value));
        }
        table.add(cells);
      }
      table.print(out);
      out.println(table.size() == 1 ? "(1 row)" : "(" + table.size() + " rows)");
    }
  },

  /** RFC 4180 with a header; null is an empty field, an empty string a quoted one. */
  CSV {
    @Override
    public void print(ResultSet result, PrintStream out) throws SQLException, IOException {
      CSVFormat format =
          CSVFormat.RFC4180
              .builder()
              .setHeader(columns(result).toArray(String[]::new))
              .setRecordSeparator("\n")
              .get();
      try (CSVPrinter printer = new CSVPrinter(new Unclosed(out), format)) {
        while (result.next()) {
          for (int i = 1; i <= width(result); i++) {
            printer.print(CellText.of(result.getObject(i)));
          }
          printer.println();
        }
      }
    }
  },

  /** An array of objects, one a line; numbers are numbers, everything else strings. */
  JSON {
    @Override
    public void print(ResultSet result, PrintStream out) throws SQLException, IOException {
      List<String> columns = columns(result);
      out.print("[");
      for (boolean first = true; result.next(); first = false) {
        out.print(first ? "\n" : ",\n");
        try (JsonGenerator json = MAPPER.createGenerator(new Unclosed(out))) {
          json.writeStartObject();
          for (int i = 0; i < columns.size(); i++) {
            json.writeFieldName(columns.get(i));
            write(json, result.getObject(i + 1));
          }
          json.writeEndObject();
        }
      }
      out.println("\n]");
    }
  };

  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(SerializationFeature.FLUSH_AFTER_WRITE_VALUE);

  /** Prints a result, all of it. */
  public abstract void print(ResultSet result, PrintStream out) throws SQLException, IOException;

  /** {@link #print}, with input/output errors unchecked. */
  public void printTo(ResultSet result, PrintStream out) throws SQLException {
    try {
      print(result, out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int width(ResultSet result) throws SQLException {
    return result.getMetaData().getColumnCount();
  }

  private static List<String> columns(ResultSet result) throws SQLException {
    ResultSetMetaData metadata = result.getMetaData();
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= metadata.getColumnCount(); i++) {
      columns.add(metadata.getColumnLabel(i));
    }
    return columns;
  }

  private static void write(JsonGenerator json, @Nullable Object value)
      throws SQLException, IOException {
    switch (value) {
      case null -> json.writeNull();
      case Boolean flag -> json.writeBoolean(flag);
      case BigDecimal number -> json.writeNumber(number.toPlainString());
      case BigInteger number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      default -> json.writeString(CellText.of(value));
    }
  }

  /** Flushes instead of closing. */
  private static final class Unclosed extends PrintWriter {
    Unclosed(PrintStream out) {
      super(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
      flush();
    }
  }
}
