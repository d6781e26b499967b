package io.millrace.local;

import io.millrace.local.letters.Letter;
import io.millrace.local.letters.LetterBox;
import io.millrace.local.letters.LetterFilter;
import io.millrace.local.letters.Outcome;
import io.millrace.local.letters.Replay;
import io.millrace.pipeline.PipelineFile;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace dead-letters replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Puts the records of open dead letters at the end of their topics again, for the stages that"
          + " could not use them.",
      "A record is left where something newer of its key stands behind it: a replay never undoes"
          + " newer data, also while the pipeline runs."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:every letter that was meant is replayed or superseded",
      "1:one is not, or it failed",
      "2:no letter is named and no filter given"
    })
final class ReplayLettersCommand implements Callable<Integer> {
  /** What is held at once. */
  private static final int BATCH_BYTES = 64 << 20;

  private final Terminal terminal;
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private PipelineOption pipeline = new PipelineOption();
  @Mixin private LetterOptions options = new LetterOptions();

  @Parameters(paramLabel = "LETTER", description = "As list names them: stage/partition@offset.")
  private List<String> ids = List.of();

  @Option(names = "--all", description = "Every open letter.")
  private boolean all;

  @Option(names = "--dry-run", description = "Say what would become of them, and change nothing.")
  private boolean dryRun;

  private final Map<Outcome.Kind, Integer> counts = new EnumMap<>(Outcome.Kind.class);

  ReplayLettersCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (ids.isEmpty() && !options.given() && !all) {
      throw new ParameterException(
          spec.commandLine(),
          "Name letters, or choose them by --stage, --topic, --error or --all.");
    }
    PipelineFile file = pipeline.read();
    Set<String> missing = new LinkedHashSet<>(ids);
    try (Replay replay = dryRun ? Replay.rehearsal(file) : Replay.of(file);
        LetterBox box = new LetterBox(file)) {
      replayAll(replay, box, missing);
    }
    missing.forEach(id -> terminal.error("there is no open dead letter " + id));
    terminal.line(counts.isEmpty() ? "no open dead letters" : "in all: " + summary());
    boolean settled =
        !counts.containsKey(Outcome.Kind.REFUSED) && !counts.containsKey(Outcome.Kind.BUSY);
    return settled && missing.isEmpty() ? 0 : Millrace.FAILED;
  }

  /** Letters are read after the replay began: no other one settles any meanwhile. */
  private void replayAll(Replay replay, LetterBox box, Set<String> missing) {
    Map<String, Outcome> settled = box.outcomes();
    List<Letter> batch = new ArrayList<>();
    long[] bytes = {0};
    LetterFilter filter = options.filter(Set.copyOf(ids));
    box.read(
        filter,
        letter -> {
          if (settled.containsKey(letter.id())) {
            return;
          }
          missing.remove(letter.id());
          batch.add(letter);
          bytes[0] +=
              Math.max(0, letter.record().serializedKeySize())
                  + Math.max(0, letter.record().serializedValueSize());
          if (bytes[0] >= BATCH_BYTES) {
            settle(replay, batch);
            bytes[0] = 0;
          }
        });
    settle(replay, batch);
  }

  private void settle(Replay replay, List<Letter> batch) {
    replay
        .run(batch)
        .forEach(
            (letter, outcome) -> {
              counts.merge(outcome.kind(), 1, Integer::sum);
              terminal.line(letter.id() + " " + letter.origin() + ": " + outcome);
            });
    batch.clear();
  }

  private String summary() {
    List<String> parts = new ArrayList<>();
    counts.forEach(
        (kind, count) ->
            parts.add(
                count
                    + switch (kind) {
                      case REPLAYED -> dryRun ? " would be replayed" : " replayed";
                      case SUPERSEDED -> " superseded";
                      case REFUSED -> " cannot be replayed";
                      case BUSY -> " to be tried again";
                    }));
    return String.join(", ", parts);
  }
}
