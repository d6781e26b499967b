package io.millrace.cdc;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A database that is captured, as a pipeline file describes it: all that differs between kinds of
 * databases. Its text is its address, for messages.
 */
public interface CapturedSource {
  /** Its kind, as the pipeline file and the change events name it. */
  String connector();

  /** Its kind, as people name it. */
  String title();

  /** How its changes become Kafka transactions. */
  CaptureSettings settings();

  /** Name of the database that a table is in, for its change events. */
  String database(TableName table);

  /** Whether a change's position is an LSN, which the change events then have. */
  boolean hasLsn();

  /** What a column's type may be, for messages. */
  String capturedTypes();

  /**
   * The pipeline's tables, when the database lets them be captured.
   *
   * @throws UncapturableException with all that is missing, each with what mends it
   * @throws SourceUnreachableException when the database does not let us in
   */
  List<CapturedTable> capturable();

  /**
   * Makes the source ready to be read from where Kafka has it.
   *
   * @throws GapException when the source no longer has what follows
   */
  SourceRun begin(SourceRun.Parts parts) throws InterruptedException;

  /**
   * A reader that is not running yet.
   *
   * @param committed the offset that Kafka has now
   * @param history what Kafka has of the schema history, in its order
   */
  SourceReader reader(
      List<CapturedTable> tables, Supplier<Optional<SourceOffset>> committed, List<byte[]> history);

  /** Whether the source's reader keeps a schema history. */
  default boolean hasHistory() {
    return false;
  }

  /**
   * What the database has against reading the rows of a table that meet a condition.
   *
   * @param condition in SQL, closed in itself
   * @throws SourceUnreachableException when it does not answer
   */
  Optional<String> problem(TableName table, String condition);

  /** Changes that are known to be missing, whatever Kafka has; called by any thread. */
  default Optional<Gap> gap() {
    return Optional.empty();
  }

  /**
   * Looks at the database from time to time, until it is closed.
   *
   * @param leads whether this connector is the one that captures
   * @param fatal takes what cannot go on
   */
  AutoCloseable monitor(CdcMetrics metrics, BooleanSupplier leads, Consumer<String> fatal);
}
