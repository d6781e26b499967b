package io.millrace.sink;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.schemas.DataFileDescriptor;
import java.time.Duration;
import java.time.Instant;

/** Names, tags and units of what the sink measures. Thread-safe. */
public final class SinkMetrics {
  /** Freshness is weighted by rows; more than this many samples per commit would say no more. */
  private static final long MOST_SAMPLES = 10_000;

  /** Seconds: what an objective of freshness may be. */
  private static final double[] AGES = {1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600};

  private final MeterRegistry meters;

  /** Metrics in {@code meters}. */
  public SinkMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Records read from a topic. */
  public Counter recordsIn(String topic) {
    return Counter.builder("millrace.records.in")
        .description("Records that a stage took in")
        .tag("topic", topic)
        .register(meters);
  }

  /** From the commit in the source database to the writer. */
  public Timer latency(String topic) {
    return Timer.builder("millrace.stage.latency")
        .description("From the commit in the source to the writer, one record in 64")
        .tag("topic", topic)
        .publishPercentiles(0.5, 0.99)
        .register(meters);
  }

  /** A commit to a lake table took this long, whatever it held. */
  public void committed(String table, Duration duration) {
    Counter.builder("millrace.lake.commits")
        .description("Iceberg commits to a lake table")
        .tag("table", table)
        .register(meters)
        .increment();
    Timer.builder("millrace.lake.commit")
        .description("How long an Iceberg commit took")
        .tag("table", table)
        .publishPercentiles(0.5, 0.99)
        .register(meters)
        .record(duration);
  }

  /**
   * What a descriptor held is visible in the lake.
   *
   * @param bytes size of its files
   */
  public void visible(DataFileDescriptor descriptor, long bytes, Instant now) {
    String table = descriptor.table();
    Counter.builder("millrace.lake.rows")
        .description("Rows committed to a lake table, deletes included")
        .tag("table", table)
        .register(meters)
        .increment((double) (descriptor.rows() + descriptor.deletes()));
    Counter.builder("millrace.lake.files")
        .description("Files committed to a lake table")
        .tag("table", table)
        .register(meters)
        .increment(descriptor.dataFiles().size() + descriptor.deleteFiles().size());
    Counter.builder("millrace.lake.bytes")
        .description("Bytes of the files committed to a lake table")
        .baseUnit("bytes")
        .tag("table", table)
        .register(meters)
        .increment((double) bytes);
    freshness(descriptor, now);
  }

  /** Small files of a table were made fewer: so many went, with so many bytes. */
  public void compacted(String table, int files, long bytes) {
    Counter.builder("millrace.lake.compacted.files")
        .description("Data files that compaction replaced")
        .tag("table", table)
        .register(meters)
        .increment(files);
    Counter.builder("millrace.lake.compacted.bytes")
        .description("Bytes of the data files that compaction replaced")
        .tag("table", table)
        .register(meters)
        .increment((double) bytes);
  }

  private void freshness(DataFileDescriptor descriptor, Instant now) {
    long all =
        descriptor.sourceTimes().stream().mapToLong(DataFileDescriptor.SourceTime::changes).sum();
    if (all == 0) {
      return;
    }
    DistributionSummary ages =
        DistributionSummary.builder("millrace.lake.change.age")
            .description("What freshness is, in buckets, which can be summed: for objectives")
            .baseUnit("seconds")
            .tag("table", descriptor.table())
            .serviceLevelObjectives(AGES)
            .register(meters);
    DistributionSummary freshness =
        DistributionSummary.builder("millrace.lake.freshness")
            .description("From the commit in the source to visible in Iceberg, over changes")
            .baseUnit("seconds")
            .tag("table", descriptor.table())
            .publishPercentiles(0.5, 0.99)
            .register(meters);
    long every = Math.ceilDiv(all, MOST_SAMPLES);
    for (DataFileDescriptor.SourceTime span : descriptor.sourceTimes()) {
      double age = Math.max(0, now.toEpochMilli() - span.at()) / 1000.0;
      for (long i = Math.ceilDiv(span.changes(), every); i > 0; i--) {
        freshness.record(age);
        ages.record(age);
      }
    }
  }
}
