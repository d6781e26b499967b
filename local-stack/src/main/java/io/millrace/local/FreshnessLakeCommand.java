package io.millrace.local;

import io.millrace.local.lake.TextTable;
import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.maintenance.TableFreshness;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace lake freshness}. */
@Command(
    name = "freshness",
    mixinStandardHelpOptions = true,
    description = {
      "Shows how far lake tables are: when the source committed the newest change that each holds,",
      "and how many records of its topic are not in it yet. With none, it holds all that the stages"
          + " before the sink have made so far."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:it failed"})
final class FreshnessLakeCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PipelineOption pipeline = new PipelineOption();

  @Parameters(paramLabel = "TABLE", description = "Only these tables.")
  private List<String> names = List.of();

  FreshnessLakeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PipelineFile file = pipeline.read();
    List<LakeTable> tables =
        file.lakeTables().stream()
            .filter(table -> names.isEmpty() || names.contains(table.identifier()))
            .toList();
    TextTable text = new TextTable(List.of("table", "newest change", "records behind, at most"));
    try (LakeCatalog catalog = LakeCatalog.open(file)) {
      for (TableFreshness table : TableFreshness.of(file, catalog, tables)) {
        text.add(
            List.of(
                table.table(), table.newest() == null ? "none" : table.newest(), table.behind()));
      }
    } catch (KafkaException e) {
      throw new StackException(String.valueOf(e.getMessage()), e);
    }
    text.print(terminal.out());
    return 0;
  }
}
