package io.millrace.cdc;

import io.millrace.runtime.serde.RegistryUnavailableException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Why a {@link CaptureRun} ended, told by who has to recover. The next run takes over anew: it
 * undoes what this one left open in Kafka, and goes on behind the offset that Kafka has.
 *
 * @param kind who has to recover
 * @param message for people
 */
record RunFailure(Kind kind, String message) {
  enum Kind {
    /** The database is away, or lacks what it had at the start: it comes back. */
    DATABASE,
    /** Kafka does not take the changes: it will again. */
    KAFKA,
    /** The schema registry does not answer: it will again. */
    REGISTRY,
    /** Another connector writes: this one stands by. */
    FENCED,
    /** A Kafka transaction takes longer than the broker lets it: someone has to raise the limit. */
    TIMED_OUT,
    /** Changes are missing: someone has to ask for a new snapshot. */
    GAP,
    /** Could pass by itself, and is known to no one. */
    UNKNOWN,
    /** Someone has to do something before another run makes sense. */
    FATAL
  }

  /** What {@code failure} means. */
  static RunFailure of(RuntimeException failure, CapturedSource source) {
    return switch (failure) {
      case TransactionLog.FencedException fenced ->
          new RunFailure(Kind.FENCED, String.valueOf(fenced.getMessage()));
      case TransactionLog.TimedOutException late ->
          new RunFailure(Kind.TIMED_OUT, String.valueOf(late.getMessage()));
      case GapException gap -> new RunFailure(Kind.GAP, String.valueOf(gap.getMessage()));
      case RegistryUnavailableException registry ->
          new RunFailure(Kind.REGISTRY, String.valueOf(registry.getMessage()));
      // Debezium's exceptions are Connect's, and those are Kafka's.
      case KafkaException kafka when !(kafka instanceof ConnectException) ->
          new RunFailure(
              Kind.KAFKA,
              "Kafka does not take the changes (%s)".formatted(DatabaseFailures.message(kafka)));
      default -> ofSource(failure, source);
    };
  }

  private static RunFailure ofSource(RuntimeException failure, CapturedSource source) {
    if (failure instanceof SourceUnreachableException || failure instanceof UncapturableException) {
      return new RunFailure(Kind.DATABASE, String.valueOf(failure.getMessage()));
    }
    String reason = DatabaseFailures.message(failure);
    if (DatabaseFailures.isTransient(failure)) {
      return new RunFailure(
          Kind.DATABASE, "%s at %s does not answer (%s)".formatted(source.title(), source, reason));
    }
    if (failure instanceof IllegalStateException || failure instanceof IllegalArgumentException) {
      return new RunFailure(Kind.FATAL, String.valueOf(failure.getMessage()));
    }
    return new RunFailure(Kind.UNKNOWN, "Capturing %s failed: %s".formatted(source, reason));
  }
}
