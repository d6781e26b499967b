package io.millrace.local;

import io.millrace.local.letters.LetterFilter;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that choose among dead letters. */
final class LetterOptions {
  @Option(names = "--stage", paramLabel = "NAME", description = "Only this stage's.")
  private @Nullable String stage;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "Only those whose record stood in this topic.")
  private @Nullable String topic;

  @Option(
      names = "--error",
      paramLabel = "TEXT",
      description = "Only those whose error's class or message holds this text.")
  private @Nullable String error;

  LetterFilter filter(Set<String> ids) {
    return new LetterFilter(ids, stage, topic, error);
  }

  boolean given() {
    return stage != null || topic != null || error != null;
  }
}
