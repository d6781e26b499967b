package io.millrace.benchmarks.measure;

import io.millrace.benchmarks.measure.ProcessCost.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Measures from outside what processes use over a time. */
public final class CostMeter implements AutoCloseable {
  private static final int SAMPLE_MILLIS = 1_000;

  private final Map<Watched, Reading> start = new LinkedHashMap<>();
  private final AtomicLong databasePeak = new AtomicLong();
  private final ScheduledExecutorService sampler =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("memory-sampler").unstarted(task));

  /** A process to measure. */
  public record Watched(String name, long pid, Part part) {}

  private record Reading(double cpuSeconds, Map<String, Double> threads) {
    static final Reading NONE = new Reading(0, Map.of());

    static Reading of(Watched process) {
      long pid = process.pid();
      return new Reading(
          process.part() == Part.DATABASE ? ProcFs.treeCpuSeconds(pid) : ProcFs.cpuSeconds(pid),
          ProcFs.threadCpuSeconds(pid));
    }
  }

  /** Begins. */
  public CostMeter(List<Watched> processes) {
    processes.forEach(process -> start.put(process, Reading.of(process)));
    processes.stream()
        .filter(process -> process.part() == Part.DATABASE)
        .forEach(
            process -> {
              var _ =
                  sampler.scheduleWithFixedDelay(
                      () -> sample(process.pid()), 0, SAMPLE_MILLIS, TimeUnit.MILLISECONDS);
            });
  }

  private void sample(long pid) {
    databasePeak.accumulateAndGet(ProcFs.proportional(pid), Math::max);
  }

  /**
   * What was used since the beginning.
   *
   * @param processes that run now; all that one has used which began meanwhile counts
   * @param changes that the source made meanwhile
   */
  public List<ProcessCost> costs(List<Watched> processes, long changes) {
    List<ProcessCost> costs = new ArrayList<>();
    for (Watched process : processes) {
      costs.add(cost(process, start.getOrDefault(process, Reading.NONE), changes));
    }
    return costs;
  }

  private ProcessCost cost(Watched process, Reading before, long changes) {
    Reading now = Reading.of(process);
    double seconds = now.cpuSeconds() - before.cpuSeconds();
    Map<String, Double> threads = new TreeMap<>();
    now.threads()
        .forEach(
            (name, total) -> {
              double used = total - before.threads().getOrDefault(name, 0.0);
              // what is below a hundredth of the process explains nothing
              if (used > seconds / 100) {
                threads.put(name, Rounding.hundredths(used));
              }
            });
    long peak =
        process.part() == Part.DATABASE ? databasePeak.get() : ProcFs.peakResident(process.pid());
    return new ProcessCost(
        process.name(),
        process.part(),
        Rounding.hundredths(seconds),
        Rounding.hundredths(changes == 0 ? 0 : seconds * 1e6 / changes),
        peak >> 20,
        threads);
  }

  @Override
  public void close() {
    sampler.shutdownNow();
  }
}
