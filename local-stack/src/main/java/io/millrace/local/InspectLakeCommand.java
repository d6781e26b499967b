package io.millrace.local;

import io.millrace.local.lake.TextTable;
import io.millrace.sink.maintenance.TableReport;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace lake inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Shows what a lake table is made of: snapshots, files, deletes.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:it failed"})
final class InspectLakeCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private LakeTableOption chosen = new LakeTableOption();

  InspectLakeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    chosen.use(
        (pipeline, table, maintenance) -> {
          TextTable text = new TextTable(List.of("of " + table.identifier(), "value"));
          TableReport.of(maintenance.catalog().load(table))
              .lines()
              .forEach((name, value) -> text.add(List.of(name, value)));
          text.print(terminal.out());
        });
    return 0;
  }
}
