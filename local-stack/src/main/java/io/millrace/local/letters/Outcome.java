package io.millrace.local.letters;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What became of a letter. The first two settle it.
 *
 * @param kind what
 * @param offset where in the partition of its record: of the replayed record, or of the newer one
 * @param why of a refusal
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Outcome(Kind kind, @Nullable Long offset, @Nullable String why) {
  /** What may become of a letter. */
  public enum Kind {
    /** The record stands at the end of its partition again. */
    REPLAYED,
    /** Something newer of the key is there. */
    SUPERSEDED,
    /** It cannot be replayed. */
    REFUSED,
    /** The partition did not come to rest; another attempt may succeed. */
    BUSY
  }

  static Outcome replayed(long offset) {
    return new Outcome(Kind.REPLAYED, offset, null);
  }

  static Outcome superseded(@Nullable Long offset) {
    return new Outcome(Kind.SUPERSEDED, offset, null);
  }

  static Outcome refused(String why) {
    return new Outcome(Kind.REFUSED, null, why);
  }

  static Outcome busy(String why) {
    return new Outcome(Kind.BUSY, null, why);
  }

  /** Whether nothing more can become of the letter. */
  public boolean settles() {
    return kind == Kind.REPLAYED || kind == Kind.SUPERSEDED;
  }

  @Override
  public String toString() {
    return switch (kind) {
      case REPLAYED -> offset == null ? "would be replayed" : "replayed at offset " + offset;
      case SUPERSEDED ->
          offset == null
              ? "superseded: its record was compacted away"
              : "superseded by offset " + offset;
      case REFUSED -> "not replayed: " + why;
      case BUSY -> "try again: " + why;
    };
  }
}
