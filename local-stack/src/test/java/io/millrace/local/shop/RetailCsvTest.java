package io.millrace.local.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RetailCsvTest {
  private static final String HEADER =
      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

  @TempDir Path directory;

  @Test
  void readsFilesInOrderAndGroupsTheLinesOfAnInvoice() throws Exception {
    // given
    Files.writeString(
        directory.resolve("2011-01.csv"), HEADER + "C2,B,,-1,2011-01-04 10:00:00,0.001,,France\n");
    Files.writeString(
        directory.resolve("2010-12.csv"),
        HEADER
            + "1,A,\"HOOK, 6\",2,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
            + "1,A,\"HOOK, 6\",1,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n");

    // when
    List<Invoice> invoices = new ArrayList<>();
    try (RetailCsv csv = new RetailCsv(directory)) {
      csv.forEachRemaining(invoices::add);
    }

    // then
    assertThat(invoices)
        .containsExactly(
            new Invoice(
                "1",
                Instant.parse("2010-12-01T08:26:00Z"),
                17850L,
                "United Kingdom",
                List.of(
                    new Invoice.Line("A", "HOOK, 6", 2, new BigDecimal("2.55")),
                    new Invoice.Line("A", "HOOK, 6", 1, new BigDecimal("2.55")))),
            new Invoice(
                "C2",
                Instant.parse("2011-01-04T10:00:00Z"),
                null,
                "France",
                List.of(new Invoice.Line("B", null, -1, new BigDecimal("0.00")))));
    assertThat(invoices.get(1).cancels()).isTrue();
  }

  @Test
  void aDirectoryWithoutFilesIsRefused() {
    // then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RetailCsv(directory))
        .withMessageContaining("holds no *.csv");
  }
}
