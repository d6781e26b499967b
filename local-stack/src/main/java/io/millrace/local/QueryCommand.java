package io.millrace.local;

import io.millrace.local.lake.LakeQuery;
import io.millrace.local.lake.ResultFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace query}. */
@Command(
    name = "query",
    mixinStandardHelpOptions = true,
    description = {
      "Runs SQL over the lake tables of the stack that runs here, as they are now.",
      "Tables: bronze.<table>_changes, silver.<table>, silver.<view>, gold.<aggregate>.",
      "The dialect is DuckDB's."
    },
    footer = {
      "",
      "Example:",
      "  millrace query \"SELECT country, SUM(revenue) FROM gold.revenue_per_minute GROUP BY 1\""
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:the query is wrong or no stack runs here"})
final class QueryCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private WorkDirectory work = new WorkDirectory();

  @Parameters(paramLabel = "SQL", description = "The query.")
  private String sql = "";

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
    new LakeQuery(work.pipeline()).run(sql, result -> chosen.printTo(result, terminal.out()));
    return 0;
  }
}
