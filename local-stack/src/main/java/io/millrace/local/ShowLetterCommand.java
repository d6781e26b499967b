package io.millrace.local;

import io.millrace.local.letters.Contents;
import io.millrace.local.letters.Letter;
import io.millrace.local.letters.LetterBox;
import io.millrace.local.letters.LetterFilter;
import io.millrace.local.letters.Outcome;
import io.millrace.pipeline.PipelineFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace dead-letters show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Shows the headers of a dead letter, and its contents when asked to.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it worked", "1:there is no such letter, or it failed"})
final class ShowLetterCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PipelineOption pipeline = new PipelineOption();

  @Parameters(paramLabel = "LETTER", description = "As list names it: stage/partition@offset.")
  private String id = "";

  @Option(
      names = "--contents",
      description = "Show key and value too, decoded where that is possible.")
  private boolean contents;

  ShowLetterCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PipelineFile file = pipeline.read();
    List<Letter> found = new ArrayList<>();
    try (LetterBox box = new LetterBox(file)) {
      box.read(new LetterFilter(Set.of(id), null, null, null), found::add);
      if (found.isEmpty()) {
        throw new StackException("there is no dead letter " + id);
      }
      Letter letter = found.getFirst();
      letter.headers().forEach((name, value) -> terminal.line(name + ": " + value));
      Outcome outcome = box.outcomes().get(id);
      terminal.line("state: " + (outcome == null ? "open" : outcome));
      terminal.line("key: " + size(letter.record().key()));
      terminal.line("value: " + size(letter.record().value()));
      if (contents) {
        Contents decoded = new Contents(file);
        terminal.line("key = " + decoded.text(letter.record().key()));
        terminal.line("value = " + decoded.text(letter.record().value()));
      }
    }
    return 0;
  }

  private static String size(byte[] bytes) {
    return bytes == null ? "none" : bytes.length + " bytes";
  }
}
