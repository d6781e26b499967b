package io.millrace.benchmarks.retail;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a run of the workload does.
 *
 * @param dataset directory of the Online Retail files
 * @param months how many of them, from the first
 * @param copies of the months, in backfill and stream
 * @param seed of what changes later
 * @param connections that write into the source side by side
 * @param commitEvery how often the lake commits
 * @param partitions of every topic
 * @param rates changes a second at which freshness is measured
 * @param warmUp time at a rate before it counts
 * @param measured time at a rate that counts
 * @param moments of that time at which the lake is looked at for lines without their order
 * @param timeout how long to wait for the lake to catch up
 * @param directory of the stacks: data, logs, recordings
 * @param pipelineFile the pipeline to run instead of the workload's own; empty path for that
 * @param environment further variables of the services
 * @param jvmOptions further JVM options by process
 * @param profile whether the JVMs record where their CPU time goes
 */
record RetailSettings(
    Path dataset,
    int months,
    int copies,
    long seed,
    int connections,
    Duration commitEvery,
    int partitions,
    List<Integer> rates,
    Duration warmUp,
    Duration measured,
    int moments,
    Duration timeout,
    Path directory,
    Path pipelineFile,
    Map<String, String> environment,
    Map<String, List<String>> jvmOptions,
    boolean profile) {
  RetailSettings {
    rates = List.copyOf(rates);
    environment = Map.copyOf(environment);
    jvmOptions = Map.copyOf(jvmOptions);
  }
}
