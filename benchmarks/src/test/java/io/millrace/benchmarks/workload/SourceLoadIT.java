package io.millrace.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The workload in a real database. */
final class SourceLoadIT {
  private static final int INVOICES = 400;

  @TempDir Path directory;

  @Test
  void theDatabaseHoldsWhatTheTransactionsSay() throws IOException, SQLException {
    // given
    writeMonth("2010-12");
    writeMonth("2011-01");
    RetailWorkload workload = RetailWorkload.read(directory, 2, 42);
    try (LocalStack stack =
        new LocalStack(new StackSettings(directory.resolve("run"), directory.resolve("none")))) {
      stack.startInfrastructure();
      SourceLoad load = new SourceLoad(stack.source().url(), SourceLoad.Commit.ASYNCHRONOUS);
      load.createTables();

      // when
      SourceLoad.Loaded loaded =
          load.run(
              List.of(workload.copy(0), workload.copy(1), workload.copy(2)), 3, Pace.flatOut());

      // then
      long deletions = count(workload, RetailTransaction.LineDeletion.class);
      long returns = count(workload, RetailTransaction.Return.class);
      assertThat(deletions).isPositive();
      assertThat(returns).isPositive();
      assertThat(loaded.transactions())
          .isEqualTo(workload.copy(0).count() + 2 * workload.copy(1).count());
      try (Connection connection = DriverManager.getConnection(stack.source().url())) {
        assertThat(number(connection, "SELECT count(*) FROM customers")).isEqualTo(75);
        assertThat(number(connection, "SELECT count(*) FROM products")).isEqualTo(30);
        assertThat(number(connection, "SELECT count(*) FROM orders")).isEqualTo(3 * 2 * INVOICES);
        assertThat(number(connection, "SELECT count(*) FROM order_lines"))
            .isEqualTo(3 * (2 * 2 * INVOICES - deletions));
        assertThat(number(connection, "SELECT count(*) FROM orders WHERE status = 'returned'"))
            .isEqualTo(3 * returns);
        assertThat(number(connection, "SELECT count(*) FROM orders WHERE status = 'cancelled'"))
            .isEqualTo(3 * 2 * INVOICES / 10);
        assertThat(number(connection, "SELECT count(*) FROM orders WHERE customer_id IS NULL"))
            .isEqualTo(3 * 2 * INVOICES / 4);
        assertThat(
                number(
                    connection,
                    "SELECT count(*) FROM order_lines l LEFT JOIN orders o USING (order_id)"
                        + " WHERE o.order_id IS NULL"))
            .isZero();
        assertThat(
                number(connection, "SELECT count(*) FROM products WHERE description = 'A \"B\"'"))
            .isEqualTo(30);
      }
    }
  }

  /** Every tenth invoice is a cancellation, every fourth has no customer; two lines each. */
  private void writeMonth(String month) throws IOException {
    StringBuilder csv =
        new StringBuilder(
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n");
    for (int i = 0; i < INVOICES; i++) {
      String number = (i % 10 == 0 ? "C" : "") + month.replace("-", "") + i;
      String customer = i % 4 == 0 ? "" : (12_000 + i % 100) + ".0";
      for (int line = 0; line < 2; line++) {
        csv.append(
            "%s,P%d,\"A \"\"B\"\"\",%d,%s-01 10:00:00,2.555,%s,France%n"
                .formatted(number, (i + line) % 30, 1 + line, month, customer));
      }
    }
    try (OutputStream file = Files.newOutputStream(directory.resolve(month + ".csv.gz"));
        OutputStream out = new GZIPOutputStream(file)) {
      out.write(csv.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static long count(RetailWorkload workload, Class<?> type) {
    return workload.copy(1).filter(type::isInstance).count();
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
