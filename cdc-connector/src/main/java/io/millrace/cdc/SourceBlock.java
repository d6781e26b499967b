package io.millrace.cdc;

import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** Reads the {@code source} block of Debezium's envelopes of one Connect schema. */
public interface SourceBlock {
  /** The table that was changed. */
  TableName table(Struct source);

  /**
   * Where the change stands in the log: a number that, with the change's number in its transaction,
   * no other change has, and that grows.
   */
  long position(Struct source);

  /** The database's number of the transaction, if it has one. */
  @Nullable Long transactionId(Struct source);
}
