package io.millrace.benchmarks.workload;

import io.millrace.benchmarks.BenchmarkException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * The data set <i>Online Retail</i> (D. Chen, S. L. Sain, K. Guo; UCI Machine Learning Repository;
 * CC BY 4.0): a directory of {@code YYYY-MM.csv.gz}.
 */
public final class OnlineRetail {
  private static final String SUFFIX = ".csv.gz";
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();

  /**
   * An invoice as the files have it.
   *
   * @param number begins with C for a cancellation
   * @param placedAt time of its first line
   */
  record Invoice(
      String number,
      OffsetDateTime placedAt,
      @Nullable Long customer,
      String country,
      List<Line> lines) {
    boolean cancellation() {
      return number.startsWith("C");
    }
  }

  /** A line of an invoice. */
  record Line(String product, @Nullable String description, int quantity, BigDecimal unitPrice) {}

  private OnlineRetail() {}

  /**
   * Reads invoices by month, in the order in which they were written.
   *
   * @param months how many, from the first
   * @throws BenchmarkException if the directory does not hold that many
   */
  static List<List<Invoice>> read(Path directory, int months) {
    List<Path> files = files(directory);
    if (files.size() < months) {
      throw new BenchmarkException(
          "%s holds %d month(s) (YYYY-MM%s), and %d are asked: see benchmarks/README.md, Data"
              .formatted(directory, files.size(), SUFFIX, months));
    }
    try {
      List<List<Invoice>> read = new ArrayList<>();
      for (Path file : files.subList(0, months)) {
        read.add(readMonth(file));
      }
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the data set in " + directory, e);
    }
  }

  /**
   * The months of a directory.
   *
   * @throws BenchmarkException if the directory is missing or holds none
   */
  public static List<Path> files(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw absent(directory);
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> months =
          files.filter(file -> file.getFileName().toString().endsWith(SUFFIX)).sorted().toList();
      if (months.isEmpty()) {
        throw absent(directory);
      }
      return months;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + directory, e);
    }
  }

  private static BenchmarkException absent(Path directory) {
    return new BenchmarkException(
        ("there is no Online Retail data set (YYYY-MM%s) in %s: name its directory with"
                + " --dataset, see benchmarks/README.md, Data")
            .formatted(SUFFIX, directory.toAbsolutePath().normalize()));
  }

  private static List<Invoice> readMonth(Path file) throws IOException {
    // An invoice's lines may stand apart in the file.
    Map<String, Invoice> invoices = new LinkedHashMap<>();
    try (InputStream in = Files.newInputStream(file);
        Reader text = new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8)) {
      for (CSVRecord line : FORMAT.parse(text)) {
        invoices
            .computeIfAbsent(line.get("InvoiceNo"), number -> invoice(number, line))
            .lines()
            .add(line(line));
      }
    }
    return List.copyOf(invoices.values());
  }

  private static Invoice invoice(String number, CSVRecord line) {
    String customer = line.get("CustomerID");
    return new Invoice(
        number,
        LocalDateTime.parse(line.get("InvoiceDate"), TIME).atOffset(ZoneOffset.UTC),
        customer.isEmpty() ? null : new BigDecimal(customer).longValueExact(),
        line.get("Country"),
        new ArrayList<>());
  }

  private static Line line(CSVRecord line) {
    String description = line.get("Description");
    return new Line(
        line.get("StockCode").intern(),
        description.isEmpty() ? null : description,
        Integer.parseInt(line.get("Quantity")),
        new BigDecimal(line.get("UnitPrice")).setScale(2, RoundingMode.HALF_UP));
  }
}
