package io.millrace.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.local.lake.TextTable;
import io.millrace.local.letters.Letter;
import io.millrace.local.letters.LetterBox;
import io.millrace.local.letters.Outcome;
import io.millrace.schemas.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace dead-letters list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the dead letters that are open: neither replayed nor superseded.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:it failed"})
final class ListLettersCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PipelineOption pipeline = new PipelineOption();
  @Mixin private LetterOptions options = new LetterOptions();

  @Option(names = "--all", description = "Also the settled ones.")
  private boolean all;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "Show no more than this many (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(names = "--json", description = "Print JSON, one object a line.")
  private boolean json;

  ListLettersCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private record Line(Letter letter, @Nullable Outcome outcome) {}

  @Override
  public Integer call() throws JsonProcessingException {
    List<Line> lines = new ArrayList<>();
    int[] count = {0};
    try (LetterBox box = new LetterBox(pipeline.read())) {
      Map<String, Outcome> outcomes = box.outcomes();
      box.read(
          options.filter(Set.of()),
          letter -> {
            Outcome outcome = outcomes.get(letter.id());
            if (all || outcome == null) {
              count[0]++;
              if (lines.size() < limit) {
                lines.add(new Line(letter, outcome));
              }
            }
          });
    }
    if (json) {
      for (Line line : lines) {
        terminal.line(object(line).toString());
      }
    } else {
      print(lines, count[0]);
    }
    return 0;
  }

  private static ObjectNode object(Line line) {
    Letter letter = line.letter;
    ObjectNode object = new ObjectMapper().createObjectNode();
    object.put("letter", letter.id());
    object.put("record", record(letter));
    object.put("time", letter.time().toString());
    object.put("error", letter.error());
    String view = letter.headers().get(DeadLetter.VIEW);
    if (view != null) {
      object.put("view", view);
    }
    object.put("state", state(line));
    return object;
  }

  private void print(List<Line> lines, int count) {
    if (count == 0) {
      terminal.line(all ? "no dead letters" : "no open dead letters");
      return;
    }
    TextTable table = new TextTable(List.of("letter", "record", "time", "error", "view", "state"));
    for (Line line : lines) {
      Letter letter = line.letter;
      table.add(
          List.of(
              letter.id(),
              record(letter),
              letter.time().toString(),
              letter.error(),
              letter.headers().getOrDefault(DeadLetter.VIEW, ""),
              state(line)));
    }
    table.print(terminal.out());
    if (count > lines.size()) {
      terminal.line("and %d more; --limit shows them".formatted(count - lines.size()));
    }
  }

  private static String record(Letter letter) {
    return letter.origin() == null ? letter.topic() : String.valueOf(letter.origin());
  }

  private static String state(Line line) {
    return line.outcome == null ? "open" : line.outcome.toString();
  }
}
