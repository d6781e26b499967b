package io.millrace.local.shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * The invoices of the Online Retail data set, in the order of its files: {@code *.csv} and {@code
 * *.csv.gz} by name, with the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
 * UnitPrice, CustomerID and Country. Lines of one invoice that follow each other are one invoice.
 */
final class RetailCsv implements Iterator<Invoice>, AutoCloseable {
  private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();

  private final Queue<Path> files;
  private @Nullable CSVParser parser;
  private Iterator<CSVRecord> records = List.<CSVRecord>of().iterator();
  private @Nullable CSVRecord ahead;

  /**
   * Opens the data set.
   *
   * @throws IllegalArgumentException if the directory holds no such file
   */
  RetailCsv(Path directory) {
    this.files = new ArrayDeque<>(csvFiles(directory));
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          directory + " holds no *.csv or *.csv.gz; give the directory of the Online Retail files");
    }
    advance();
  }

  @Override
  public boolean hasNext() {
    return ahead != null;
  }

  @Override
  public Invoice next() {
    CSVRecord first = ahead;
    if (first == null) {
      throw new NoSuchElementException();
    }
    String number = first.get("InvoiceNo");
    List<Invoice.Line> lines = new ArrayList<>();
    while (ahead != null && ahead.get("InvoiceNo").equals(number)) {
      lines.add(line(ahead));
      advance();
    }
    return new Invoice(
        number,
        LocalDateTime.parse(first.get("InvoiceDate"), DATE).toInstant(ZoneOffset.UTC),
        customer(first),
        optional(first.get("Country")),
        lines);
  }

  @Override
  public void close() throws IOException {
    if (parser != null) {
      parser.close();
    }
  }

  private static Invoice.Line line(CSVRecord row) {
    return new Invoice.Line(
        row.get("StockCode"),
        optional(row.get("Description")),
        Integer.parseInt(row.get("Quantity")),
        new BigDecimal(row.get("UnitPrice")).setScale(2, RoundingMode.HALF_UP));
  }

  /** The files give customers as decimals. */
  private static @Nullable Long customer(CSVRecord row) {
    String id = optional(row.get("CustomerID"));
    return id == null ? null : new BigDecimal(id).longValueExact();
  }

  private static @Nullable String optional(String value) {
    String stripped = value.strip();
    return stripped.isEmpty() ? null : stripped;
  }

  private void advance() {
    while (!records.hasNext() && !files.isEmpty()) {
      open(files.remove());
    }
    ahead = records.hasNext() ? records.next() : null;
  }

  private void open(Path file) {
    try {
      close();
      InputStream in = Files.newInputStream(file);
      InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
      CSVParser opened =
          CSVParser.parse(
              new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8)), FORMAT);
      parser = opened;
      records = opened.iterator();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static List<Path> csvFiles(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".csv") || file.toString().endsWith(".csv.gz"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot list " + directory + ": " + e, e);
    }
  }
}
