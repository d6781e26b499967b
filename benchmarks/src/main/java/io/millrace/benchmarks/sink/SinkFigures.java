package io.millrace.benchmarks.sink;

import io.millrace.benchmarks.lake.LakeWatch.Visible;
import io.millrace.benchmarks.measure.Machine;
import io.millrace.benchmarks.measure.ProcessCost;
import io.millrace.benchmarks.measure.Rounding;
import io.millrace.benchmarks.measure.Versions;
import io.millrace.local.lake.TextTable;
import java.io.PrintStream;
import java.util.List;

/**
 * The sink beside the bare loop.
 *
 * @param events in the topic; each becomes a row of each of the tables
 * @param ratio of the sink's steady rate to the mean of the bare loop's
 * @param cpuRatio of the mean of the bare loop's CPU time to the sink's
 */
record SinkFigures(
    String benchmark,
    String date,
    Machine machine,
    Versions versions,
    long events,
    int partitions,
    List<Run> runs,
    double ratio,
    double cpuRatio) {
  /**
   * One of them.
   *
   * @param eventsPerSecond from the first commit to the last, so without the start of the JVM
   * @param seconds from the start of the process until all rows were visible
   */
  record Run(
      String what, double eventsPerSecond, double seconds, int commits, List<ProcessCost> costs) {
    /** Of the process itself, without the broker. */
    double ownCpuSeconds() {
      return costs.getFirst().cpuSeconds();
    }

    static Run of(String what, List<Visible> snapshots, long start, List<ProcessCost> costs) {
      Visible first = snapshots.getFirst();
      Visible last = snapshots.getLast();
      long rows = snapshots.stream().mapToLong(Visible::addedRows).sum() - first.addedRows();
      double steady = (last.at() - first.at()) / 1000.0;
      return new Run(
          what,
          steady == 0 ? 0 : Math.round(rows / steady),
          Rounding.hundredths((last.at() - start) / 1000.0),
          snapshots.size(),
          costs);
    }
  }

  static double ratio(List<Run> bare, Run sink) {
    double mean = bare.stream().mapToDouble(Run::eventsPerSecond).average().orElse(0);
    return mean == 0 ? 0 : Rounding.hundredths(sink.eventsPerSecond() / mean);
  }

  static double cpuRatio(List<Run> bare, Run sink) {
    double mean = bare.stream().mapToDouble(Run::ownCpuSeconds).average().orElse(0);
    return sink.ownCpuSeconds() == 0 ? 0 : Rounding.hundredths(mean / sink.ownCpuSeconds());
  }

  void print(PrintStream out) {
    TextTable table =
        new TextTable(
            List.of(
                "what", "events/s", "seconds in all", "commits", "CPU-s per million", "peak MiB"));
    for (Run run : runs) {
      ProcessCost own = run.costs().getFirst();
      table.add(
          List.of(
              run.what(),
              Math.round(run.eventsPerSecond()),
              run.seconds(),
              run.commits(),
              own.cpuSecondsPerMillion(),
              own.peakMebibytes()));
    }
    out.printf(
        "%n%,d events, %d partition(s), each event a row of two tables%n", events, partitions);
    table.print(out);
    out.println(
        ratio == 0
            ? "no ratio: a run had fewer than two commits; ask for more events with --events"
            : "sink / bare loop: %.2f of the rate; by CPU time %.2f".formatted(ratio, cpuRatio));
  }
}
