package io.millrace.runtime.streams;

import io.millrace.runtime.serde.OutdatedSchemaException;
import io.millrace.runtime.serde.RegistryUnavailableException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * The record at hand is bad, and will be at every attempt: a function of nothing but the record
 * (decoding it, an expression over its row, a check of its values) failed on it. The only error
 * that an operator may throw to have the record put aside; any other ends the thread, for it says
 * nothing about the record.
 */
public final class PoisonRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final @Nullable String view;
  private final @Nullable String field;

  /**
   * Blames a record.
   *
   * @param view the view whose expression failed
   * @param field the column whose value is to blame
   * @param cause what failed; its class and messages go into the dead letter's headers
   */
  public PoisonRecordException(
      @Nullable String view, @Nullable String field, RuntimeException cause) {
    super(cause.getMessage(), cause);
    this.view = view;
    this.field = field;
  }

  @Nullable String view() {
    return view;
  }

  @Nullable String field() {
    return field;
  }

  /** The blame in an error's causes; null when there is none. */
  static @Nullable PoisonRecordException in(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof PoisonRecordException poison) {
        return poison;
      }
    }
    return null;
  }

  /**
   * Whether an error out of a function of nothing but the record says that the record is bad. The
   * registry that the function asks may be away, its thread be interrupted, and the record be of a
   * later schema than those that the function was made for; of anything else the record is the only
   * cause.
   */
  public static boolean isToBlame(RuntimeException error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof RegistryUnavailableException
          || e instanceof OutdatedSchemaException
          || (e instanceof KafkaException && !(e instanceof SerializationException))) {
        return false;
      }
    }
    return true;
  }
}
