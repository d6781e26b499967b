package io.millrace.cdc;

import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * One change of one row, as Debezium tells it.
 *
 * @param op r, c, u or d
 * @param before the row before, where the operation has one
 * @param after the row after, where the operation has one
 * @param tsMillis when Debezium read it
 * @param phase whether a snapshot read it
 * @param commitMicros commit time; of a snapshot's row the snapshot's time
 * @param position where the change stands in the log; of a snapshot's row where the snapshot begins
 * @param place the position in {@code _source_pos}: {@code position}, and more when the source's
 *     log began anew
 * @param order number of the change in its transaction, of the row in its snapshot
 * @param transactionId the database's, when it has one
 * @param transaction Debezium's transaction block, when streaming
 */
record Change(
    String op,
    @Nullable Struct before,
    @Nullable Struct after,
    long tsMillis,
    Phase phase,
    long commitMicros,
    long position,
    long place,
    long order,
    @Nullable Long transactionId,
    @Nullable Struct transaction) {
  /** An insert of a row that may be there: readers take an {@code r} for either. */
  Change asRead() {
    return new Change(
        "r",
        before,
        after,
        tsMillis,
        phase,
        commitMicros,
        position,
        place,
        order,
        transactionId,
        transaction);
  }

  /** The deletion of a row that this change implies without naming it. */
  Change deletion(long number) {
    return new Change(
        "d",
        null,
        null,
        tsMillis,
        phase,
        commitMicros,
        position,
        place,
        number,
        transactionId,
        transaction);
  }

  enum Phase {
    SNAPSHOT,
    SNAPSHOT_LAST,
    STREAMING
  }
}
