package io.millrace.local;

import io.millrace.sink.maintenance.OrphanFiles;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace lake orphans}. */
@Command(
    name = "orphans",
    mixinStandardHelpOptions = true,
    description = {
      "Removes files in a lake table's directory that nothing needs: what broken transactions"
          + " left.",
      "Files that the sink has written and not committed yet stay."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:it failed", "2:the age is too short"})
final class OrphansLakeCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private LakeTableOption chosen = new LakeTableOption();

  @Option(
      names = "--older-than",
      paramLabel = "DURATION",
      converter = AgeConverter.class,
      description = "Age of what goes, as 90m or 7d; by default the pipeline file's.")
  private @Nullable Duration age;

  @Option(names = "--dry-run", description = "List what would go, and change nothing.")
  private boolean dryRun;

  OrphansLakeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    chosen.use(
        (pipeline, table, maintenance) -> {
          Duration least = pipeline.lake().youngestOrphan();
          Duration older =
              age == null ? pipeline.lake().maintenance(table).removeOrphansAfter() : age;
          if (older.compareTo(least) < 0) {
            throw new ParameterException(
                spec.commandLine(),
                "--older-than must be at least %d minutes: younger files may be a writer's"
                    .formatted(least.toMinutes()));
          }
          OrphanFiles orphans = maintenance.removeOrphans(table, older, dryRun);
          if (dryRun) {
            orphans.files().forEach(terminal::line);
          }
          terminal.line(
              "%d orphan files of %s, %d bytes, %s%s"
                  .formatted(
                      orphans.files().size(),
                      table.identifier(),
                      orphans.bytes(),
                      dryRun ? "would be removed" : "removed",
                      orphans.more() ? "; there are more: run it again" : ""));
        });
    return 0;
  }
}
