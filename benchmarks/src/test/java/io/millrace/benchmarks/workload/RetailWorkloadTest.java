package io.millrace.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.workload.RetailTransaction.Invoice;
import io.millrace.benchmarks.workload.RetailTransaction.LineDeletion;
import io.millrace.benchmarks.workload.RetailTransaction.Recategorization;
import io.millrace.benchmarks.workload.RetailTransaction.Relocation;
import io.millrace.benchmarks.workload.RetailTransaction.Return;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RetailWorkloadTest {
  private static final Path DATASET = Path.of("../../shared/data/online-retail");

  @Test
  void isTheWorkloadThatThePeersRan() {
    // given
    RetailWorkload workload = sevenMonths(42);

    // when
    List<RetailTransaction> copy = workload.copy(0).toList();

    // then
    List<Invoice> invoices = only(copy, Invoice.class);
    assertThat(invoices).hasSize(12_795);
    assertThat(lines(invoices)).isEqualTo(245_903);
    assertThat(invoices.stream().mapToInt(invoice -> invoice.newCustomers().size()).sum())
        .isEqualTo(3_002);
    assertThat(invoices.stream().mapToInt(invoice -> invoice.newProducts().size()).sum())
        .isEqualTo(3_651);
    assertThat(changes(copy.stream())).isCloseTo(268_000, within(1_000L));
    assertThat(copy).hasSizeBetween(15_500, 16_300);
  }

  @Test
  void changesTheStatedShareLater() {
    // given
    RetailWorkload workload = sevenMonths(42);

    // when
    List<RetailTransaction> copy = workload.copy(0).toList();

    // then
    List<Invoice> invoices = only(copy, Invoice.class);
    long cancelled =
        invoices.stream()
            .filter(invoice -> invoice.status().equals(RetailWorkload.CANCELLED))
            .count();
    assertThat(cancelled).isEqualTo(2_006);
    assertThat(share(copy, Return.class, invoices.size() - cancelled))
        .isCloseTo(0.05, Offset.offset(0.01));
    assertThat(share(copy, Recategorization.class, 3_651)).isCloseTo(0.02, Offset.offset(0.01));
    assertThat(share(copy, Relocation.class, 3_002)).isCloseTo(0.01, Offset.offset(0.006));
    assertThat(share(copy, LineDeletion.class, lines(invoices)))
        .isCloseTo(0.01, Offset.offset(0.001));
  }

  @Test
  void fiveCopiesAreTheLongRun() {
    // given
    RetailWorkload workload = sevenMonths(42);

    // when
    long afterFirstMonth =
        changes(workload.laterMonths())
            + Stream.of(1, 2, 3, 4).mapToLong(copy -> changes(workload.copy(copy))).sum();

    // then
    assertThat(afterFirstMonth).isCloseTo(1_270_000, within(10_000L));
  }

  @Test
  void theSameSeedMakesTheSameTransactions() {
    // given
    RetailWorkload one = months(2, 7);
    RetailWorkload same = months(2, 7);
    RetailWorkload other = months(2, 8);

    // when
    List<RetailTransaction> transactions = one.copy(1).toList();

    // then
    assertThat(same.copy(1)).containsExactlyElementsOf(transactions);
    assertThat(other.copy(1).toList()).isNotEqualTo(transactions);
  }

  @Test
  void firstMonthAndLaterMonthsAreTheWholeCopy() {
    // given
    RetailWorkload workload = months(2, 42);

    // when
    Stream<RetailTransaction> parts = Stream.concat(workload.firstMonth(), workload.laterMonths());

    // then
    assertThat(parts).containsExactlyElementsOf(workload.copy(0).toList());
    assertThat(only(workload.firstMonth().toList(), Invoice.class)).hasSize(2_025);
  }

  @Test
  void aCopySharesNoOrderWithAnother() {
    // given
    RetailWorkload workload = months(1, 42);
    Set<String> orders = new HashSet<>();

    // when
    for (int copy = 0; copy < 3; copy++) {
      only(workload.copy(copy).toList(), Invoice.class)
          .forEach(invoice -> orders.add(invoice.orderId()));
    }

    // then
    assertThat(orders).hasSize(3 * 2_025);
  }

  @Test
  void aLaterChangeMeetsWhatWasWrittenAndNotYetDeleted() {
    // given
    RetailWorkload workload = sevenMonths(42);
    Map<String, Set<Integer>> lines = new HashMap<>();

    // when
    workload
        .copy(2)
        .forEach(
            transaction -> {
              switch (transaction) {
                case Invoice invoice -> {
                  Set<Integer> numbers = new HashSet<>();
                  for (int line = 1; line <= invoice.lines().size(); line++) {
                    numbers.add(line);
                  }
                  // then
                  assertThat(lines.put(invoice.orderId(), numbers)).isNull();
                }
                case Return change -> assertThat(lines).containsKey(change.orderId());
                case LineDeletion change ->
                    assertThat(
                            lines.getOrDefault(change.orderId(), Set.of()).remove(change.lineNo()))
                        .isTrue();
                case Recategorization change ->
                    throw new AssertionError("not in a further copy: " + change);
                case Relocation change ->
                    throw new AssertionError("not in a further copy: " + change);
              }
            });
    assertThat(lines).hasSize(12_795);
  }

  @Test
  void saysWhatToDoWithoutTheData(@TempDir Path empty) throws IOException {
    // given
    Path missing = empty.resolve("missing");

    // when / then
    assertThatThrownBy(() -> RetailWorkload.read(missing, 1, 42))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("--dataset")
        .hasMessageContaining(missing.toString());
    assertThatThrownBy(() -> RetailWorkload.read(empty, 1, 42))
        .isInstanceOf(BenchmarkException.class);

    // given
    Files.createFile(empty.resolve("2010-12.csv.gz"));

    // when / then
    assertThatThrownBy(() -> RetailWorkload.read(empty, 2, 42))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("holds 1 month(s)");
  }

  private static RetailWorkload sevenMonths(long seed) {
    return months(7, seed);
  }

  private static RetailWorkload months(int months, long seed) {
    Assumptions.assumeTrue(
        Files.isDirectory(DATASET),
        () -> "the Online Retail data set is not in " + DATASET.toAbsolutePath().normalize());
    return RetailWorkload.read(DATASET, months, seed);
  }

  private static <T> List<T> only(List<RetailTransaction> transactions, Class<T> type) {
    return transactions.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static long lines(List<Invoice> invoices) {
    return invoices.stream().mapToLong(invoice -> invoice.lines().size()).sum();
  }

  private static double share(List<RetailTransaction> all, Class<?> type, long of) {
    return (double) all.stream().filter(type::isInstance).count() / of;
  }

  private static long changes(Stream<RetailTransaction> transactions) {
    return transactions.mapToLong(RetailTransaction::changes).sum();
  }
}
