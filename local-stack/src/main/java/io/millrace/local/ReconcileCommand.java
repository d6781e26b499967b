package io.millrace.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.local.lake.Reconciler;
import io.millrace.local.lake.TableComparison;
import io.millrace.local.lake.TextTable;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace reconcile}. */
@Command(
    name = "reconcile",
    mixinStandardHelpOptions = true,
    description = {
      "Compares every lake table with the same SQL on the source: the whole content, duplicates"
          + " counted.",
      "While the source changes, the lake is behind by what is on its way: compare when it is"
          + " quiet."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:every table that can be compared is equal; the others are named",
      "1:a table differs, or a source cannot be read"
    })
final class ReconcileCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PipelineOption pipeline = new PipelineOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ReconcileCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException, JsonProcessingException {
    Reconciler reconciler = Reconciler.of(pipeline.read());
    List<TableComparison> comparisons = reconciler.compare();
    if (!reconciler.notCompared().isEmpty()) {
      terminal.error(
          "not compared, as what they are made of is not all in one PostgreSQL database: "
              + String.join(", ", reconciler.notCompared()));
    }
    if (json) {
      terminal.line(
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(comparisons));
    } else {
      print(comparisons);
    }
    return comparisons.stream().allMatch(TableComparison::equal) ? 0 : Millrace.FAILED;
  }

  private void print(List<TableComparison> comparisons) {
    TextTable table = new TextTable(List.of("table", "rows in source", "rows in lake", "equal"));
    for (TableComparison comparison : comparisons) {
      table.add(
          List.of(
              comparison.table(),
              comparison.sourceRows(),
              comparison.lakeRows(),
              comparison.equal() ? "yes" : "NO"));
    }
    table.print(terminal.out());
    printDifferences(comparisons, terminal);
  }

  static void printDifferences(List<TableComparison> comparisons, Terminal terminal) {
    for (TableComparison comparison : comparisons) {
      if (!comparison.equal()) {
        terminal.line("");
        terminal.line(
            "%s: %d keys differ".formatted(comparison.table(), comparison.differingKeys()));
        comparison.differences().forEach(difference -> terminal.line("  " + difference));
      }
    }
  }
}
