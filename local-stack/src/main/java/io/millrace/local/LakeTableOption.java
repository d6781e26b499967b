package io.millrace.local;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.maintenance.PendingFiles;
import io.millrace.sink.maintenance.TableMaintenance;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Collectors;
import org.apache.iceberg.exceptions.NoSuchTableException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which lake table of which pipeline. */
final class LakeTableOption {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Mixin private PipelineOption pipeline = new PipelineOption();

  @Parameters(
      paramLabel = "TABLE",
      description = "bronze.<table>_changes, silver.<table or view> or gold.<aggregate>.")
  private String name = "";

  /** Something to do with a table. */
  interface Work {
    void accept(PipelineFile pipeline, LakeTable table, TableMaintenance maintenance);
  }

  /** Does it, and says what is wrong in words. */
  void use(Work work) {
    PipelineFile file = pipeline.read();
    LakeTable table =
        file.lakeTables().stream()
            .filter(any -> any.identifier().equals(name))
            .findFirst()
            .orElseThrow(() -> new StackException(unknown(file)));
    try (LakeCatalog catalog = LakeCatalog.open(file)) {
      PendingFiles pending =
          new PendingFiles(file, new HttpSchemaRegistry(file.registry(), PATIENCE));
      work.accept(file, table, new TableMaintenance(catalog, pending, Clock.systemUTC()));
    } catch (NoSuchTableException e) {
      throw new StackException(
          "lake table " + name + " does not exist yet: its topic has no schema", e);
    } catch (IllegalStateException e) {
      throw new StackException(String.valueOf(e.getMessage()), e);
    }
  }

  private String unknown(PipelineFile file) {
    return "the pipeline keeps no lake table '%s'; it has %s"
        .formatted(
            name,
            file.lakeTables().stream()
                .map(LakeTable::identifier)
                .collect(Collectors.joining(", ")));
  }
}
