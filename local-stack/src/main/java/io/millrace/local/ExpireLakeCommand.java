package io.millrace.local;

import io.millrace.pipeline.Maintenance;
import io.millrace.sink.maintenance.SnapshotExpiry;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace lake expire}. */
@Command(
    name = "expire",
    mixinStandardHelpOptions = true,
    description = {
      "Expires old snapshots of a lake table and deletes the files that only they held.",
      "The newest snapshot stays, and those with a tag or a branch do."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:it failed"})
final class ExpireLakeCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private LakeTableOption chosen = new LakeTableOption();

  @Option(
      names = "--older-than",
      paramLabel = "DURATION",
      converter = AgeConverter.class,
      description = "Age of what expires, as 90m or 7d; by default the pipeline file's.")
  private @Nullable Duration age;

  @Option(names = "--dry-run", description = "Say what would expire, and change nothing.")
  private boolean dryRun;

  ExpireLakeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    chosen.use(
        (pipeline, table, maintenance) -> {
          Maintenance policy = pipeline.lake().maintenance(table);
          Duration keep = age == null ? policy.keepSnapshots() : age;
          SnapshotExpiry expiry = maintenance.expire(table, policy, keep, dryRun);
          terminal.line(
              "%d snapshots of %s %s"
                  .formatted(
                      expiry.expired().size(),
                      table.identifier(),
                      dryRun ? "would expire" : "expired"));
        });
    return 0;
  }
}
