package io.millrace.local;

import io.millrace.local.lake.AsOf;
import io.millrace.local.lake.Cut;
import io.millrace.local.lake.LakeQuery;
import io.millrace.local.lake.ResultFormat;
import io.millrace.pipeline.PipelineFile;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace query}. */
@Command(
    name = "query",
    mixinStandardHelpOptions = true,
    description = {
      "Runs SQL over the lake tables of a pipeline, as they are now.",
      "With --cut, as the sources were at a time: the transactions that they had committed by then,"
          + " whole, and no",
      "others. A cut has the sources' tables (bronze, and silver played back from it), not views.",
      "Tables: bronze.<table>_changes, silver.<table>, silver.<view>, gold.<aggregate>.",
      "The dialect is DuckDB's."
    },
    footer = {
      "",
      "Example:",
      "  millrace query \"SELECT country, SUM(revenue) FROM gold.revenue_per_minute GROUP BY 1\""
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:the query is wrong or there is no such lake"})
final class QueryCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private PipelineOption pipeline = new PipelineOption();

  @Parameters(paramLabel = "SQL", description = "The query.")
  private String sql = "";

  @Option(
      names = "--cut",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "A time such as 2026-01-31T12:00:03Z, or 'now'; waits until the lake has it.")
  private @Nullable Instant cut;

  @Option(
      names = "--timeout",
      paramLabel = "AGE",
      converter = AgeConverter.class,
      description = "How long to wait for that, such as 30s or 10m (default: 5m).")
  private Duration timeout = Duration.ofMinutes(5);

  @Option(
      names = "--as-of",
      paramLabel = "TAG|TIME",
      description =
          "Read the tables, views too, as the lake had them: by a tag such as day-2026-01-31, or at"
              + " a time such as 2026-01-31T12:00:00Z of which they still have the snapshots.")
  private @Nullable String asOf;

  @ArgGroup private Format format = new Format();

  QueryCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  static final class Format {
    @Option(names = "--csv", description = "Print RFC 4180 CSV with a header.")
    private boolean csv;

    @Option(names = "--json", description = "Print a JSON array of objects.")
    private boolean json;

    ResultFormat chosen() {
      return csv ? ResultFormat.CSV : json ? ResultFormat.JSON : ResultFormat.ALIGNED;
    }
  }

  @Override
  public Integer call() {
    ResultFormat chosen = format.chosen();
    query(pipeline.read()).run(sql, result -> chosen.printTo(result, terminal.out()));
    return 0;
  }

  private LakeQuery query(PipelineFile file) {
    if (cut != null && asOf != null) {
      throw new ParameterException(spec.commandLine(), "--cut and --as-of are different times");
    }
    if (asOf != null) {
      return new LakeQuery(file, new AsOf(asOf));
    }
    if (cut == null) {
      return new LakeQuery(file);
    }
    try {
      return new LakeQuery(Cut.at(file, cut, timeout, terminal::liveIfSeen));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted", e);
    } finally {
      terminal.endLive();
    }
  }
}
