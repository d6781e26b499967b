package io.millrace.benchmarks.measure;

import java.util.Map;

/**
 * What a process used.
 *
 * @param process its name
 * @param part the share of the run it belongs to
 * @param cpuSeconds of all its threads; of the database, of all its processes
 * @param cpuSecondsPerMillion per million changes
 * @param peakMebibytes greatest resident size since it started (VmHWM); of the database the
 *     greatest sum over its processes, shared memory counted once
 * @param threads CPU seconds of the threads that live at the end, by name; those that ended, many
 *     of them compilers, are missing
 */
public record ProcessCost(
    String process,
    Part part,
    double cpuSeconds,
    double cpuSecondsPerMillion,
    long peakMebibytes,
    Map<String, Double> threads) {
  /** What a process is there for. */
  public enum Part {
    /** The services, broker and registry. */
    PIPELINE,
    /** The source database, which holds the lake's catalog too. */
    DATABASE,
    /** What writes into the source and watches the lake. */
    GENERATOR
  }
}
