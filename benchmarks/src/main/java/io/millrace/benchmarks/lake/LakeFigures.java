package io.millrace.benchmarks.lake;

import io.millrace.benchmarks.measure.Machine;
import io.millrace.benchmarks.measure.ProcessCost;
import io.millrace.benchmarks.measure.Rounding;
import io.millrace.benchmarks.measure.Versions;
import io.millrace.local.lake.TextTable;
import java.io.PrintStream;
import java.util.List;

/**
 * A table under upserts, in each format.
 *
 * @param rows upserts
 * @param keys that they are of
 * @param runs one of each format
 */
record LakeFigures(
    String benchmark,
    String date,
    Machine machine,
    Versions versions,
    long rows,
    int keys,
    List<Run> runs) {
  /**
   * One format.
   *
   * @param commits to the table
   * @param bytesWritten data and deletes of all of its snapshots
   * @param left as the sink leaves the table
   * @param compacted after all rows were put into one file
   * @param costs of the sink first
   */
  record Run(
      String what,
      int commits,
      long bytesWritten,
      TableScan left,
      TableScan compacted,
      List<ProcessCost> costs) {
    double scanRatio() {
      return Rounding.hundredths(left.seconds() / compacted.seconds());
    }

    double writeAmplification() {
      return Rounding.hundredths((double) bytesWritten / compacted.bytes());
    }
  }

  void print(PrintStream out) {
    TextTable table =
        new TextTable(
            List.of(
                "deletes",
                "commits",
                "scan s",
                "of compacted",
                "data files",
                "deletes at rest",
                "KiB",
                "written / compacted",
                "sink CPU-s per million",
                "peak MiB"));
    for (Run run : runs) {
      ProcessCost sink = run.costs().getFirst();
      table.add(
          List.of(
              run.what(),
              run.commits(),
              run.left().seconds(),
              run.scanRatio(),
              run.left().dataFiles(),
              run.left().deletes(),
              run.left().bytes() >> 10,
              run.writeAmplification(),
              sink.cpuSecondsPerMillion(),
              sink.peakMebibytes()));
    }
    out.printf("%n%,d upserts of %,d keys%n", rows, keys);
    table.print(out);
  }
}
