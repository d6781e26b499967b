package io.millrace.cdc;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** A table being read while the stream goes on. Used by the thread that writes. */
interface RunningSnapshot extends AutoCloseable {
  /** Takes what goes into the topics. */
  interface Output {
    /** Sends a row, or its dead letter; returns whether it had a form. */
    boolean row(ChangeTopic topic, ChangeEncoder encoder, SnapshotRound.Row row, Change change);

    void send(ProducerRecord<byte[], byte[]> deletion, ChangeTopic topic);

    /** What positions have over LSNs. */
    long base();
  }

  /** How it stands after a turn. */
  enum Turn {
    NOTHING,
    MORE,
    /** It has to begin anew: the table is not as it was. */
    CHANGED,
    /** The database cannot read what the condition asks for. */
    REFUSED,
    DONE
  }

  ChangeTopic topic();

  TableState.Progress progress();

  /**
   * Goes on, between two source transactions.
   *
   * @param reached up to where the stream has all that was committed
   */
  Turn turn(SourceOffset reached, Output output);

  /** Why the database refused to read the table; null when it did not. */
  default @Nullable String refusal() {
    return null;
  }

  /** The stream changed a row. */
  default void changed(byte[] key) {}

  /** Whether nothing is to be committed, nor the snapshot left, before it is done. */
  default boolean isHolding() {
    return false;
  }

  /** Whether a change of the stream is not to be written, as the rows that are read have it. */
  default boolean leavesOut(Change change) {
    return false;
  }

  /** Stops reading. */
  @Override
  void close();
}
