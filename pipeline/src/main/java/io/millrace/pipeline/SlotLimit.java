package io.millrace.pipeline;

/**
 * How much of its log a PostgreSQL source may keep back for the pipeline.
 *
 * @param maxLagBytes the limit
 * @param drop whether the replication slot is given up beyond it, rather than the database's disk
 *     filled; otherwise it is only told
 */
public record SlotLimit(long maxLagBytes, boolean drop) {
  /** Tells of more than 10 GB. */
  public static final SlotLimit DEFAULT = new SlotLimit(10L << 30, false);
}
