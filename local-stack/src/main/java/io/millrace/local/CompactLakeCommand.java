package io.millrace.local;

import io.millrace.sink.maintenance.Compaction;
import java.util.concurrent.Callable;
import org.apache.iceberg.exceptions.ValidationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace lake compact}. */
@Command(
    name = "compact",
    mixinStandardHelpOptions = true,
    description = {
      "Makes small data files of a lake table one, without the rows that are deleted.",
      "Up to 1 GiB and about a minute each time. Keyed tables of format 3 the sink compacts itself."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:it failed"})
final class CompactLakeCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private LakeTableOption chosen = new LakeTableOption();

  @Option(names = "--dry-run", description = "Say what would be done, and change nothing.")
  private boolean dryRun;

  CompactLakeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    chosen.use(
        (pipeline, table, maintenance) -> {
          if (!maintenance.isCompacted(table)) {
            throw new StackException(
                table.identifier()
                    + " has deletion vectors: sink-service compacts it, while changes of it come,"
                    + " as its key index says in which file a row stands");
          }
          try {
            Compaction compaction =
                maintenance.compact(table, pipeline.lake().maintenance(table), dryRun);
            terminal.line(
                "%d files of %s, %d bytes, %s %d"
                    .formatted(
                        compaction.files(),
                        table.identifier(),
                        compaction.bytes(),
                        dryRun ? "would become" : "became",
                        compaction.groups().size()));
          } catch (ValidationException e) {
            throw new StackException(
                "another writer changed %s meanwhile, run it again: %s"
                    .formatted(table.identifier(), e.getMessage()),
                e);
          }
        });
    return 0;
  }
}
