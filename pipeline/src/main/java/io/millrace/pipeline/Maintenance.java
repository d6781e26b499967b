package io.millrace.pipeline;

import java.time.Duration;

/**
 * How the sink keeps a lake table tidy.
 *
 * @param enabled whether it does so by itself
 * @param every how often it looks at the table
 * @param keepSnapshots age at which a snapshot expires; the newest never does
 * @param removeOrphansAfter age at which a file goes that no snapshot holds
 * @param targetFileSize bytes that small data files are made one up to
 * @param tagDaily whether the last snapshot of each day gets a tag
 * @param keepDailyTags age of the snapshot at which such a tag goes
 */
public record Maintenance(
    boolean enabled,
    Duration every,
    Duration keepSnapshots,
    Duration removeOrphansAfter,
    long targetFileSize,
    boolean tagDaily,
    Duration keepDailyTags) {
  /**
   * Each snapshot stands in the table's metadata, which every commit writes anew: an hour of
   * commits every five seconds is about a megabyte. Other writers may take days for a file.
   */
  public static final Maintenance DEFAULT =
      new Maintenance(
          true, Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofDays(3), 256L << 20);

  /** Without tags. */
  public Maintenance(
      boolean enabled,
      Duration every,
      Duration keepSnapshots,
      Duration removeOrphansAfter,
      long targetFileSize) {
    this(
        enabled,
        every,
        keepSnapshots,
        removeOrphansAfter,
        targetFileSize,
        false,
        Duration.ofDays(30));
  }

  /** Files of a writer's open transaction are younger than the length of an epoch and this. */
  private static final Duration LONGEST_TRANSACTION = Duration.ofHours(1);

  static Duration youngestOrphan(Duration commitEvery) {
    return commitEvery.plus(LONGEST_TRANSACTION);
  }
}
