package io.millrace.cdc;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the committed offset says of one table.
 *
 * @param shape the {@link TableShape} that all rows in the topic have; null when the table has no
 *     snapshot yet, and when the stream itself tells how the table changes
 * @param snapshot the snapshot that is being taken, if any
 */
public record TableState(@Nullable String shape, @Nullable Progress snapshot) {
  /**
   * This state after a look at the table's columns. A look that took long can have compared them
   * with what has changed since: then the next one tells. A snapshot under way notices by itself
   * when the table is not as it was, and what comes after it is compared with what it has read.
   *
   * @param known the shape with which {@code now} was compared
   * @param implicitly whether rows changed that no change event tells of
   */
  TableState reshaped(TableShape known, TableShape now, boolean implicitly) {
    if (!known.toString().equals(shape)) {
      return this;
    }
    if (!implicitly) {
      return new TableState(now.after(known).toString(), snapshot);
    }
    return snapshot == null ? new TableState(shape, Progress.of(false)) : this;
  }

  /**
   * How far a snapshot has come.
   *
   * @param over whether the topic held rows already when the table came into the file: rows that no
   *     one followed since
   * @param shape the table's shape in it; null before its first row, and when the stream itself
   *     tells how the table changes
   * @param marks up to where each partition of the topic was written when it began: a row whose
   *     last record stands before was neither in the snapshot nor changed since
   * @param after key of the last row that is in Kafka, as text; empty before the first
   * @param rows read so far
   * @param estimate how many there are about, by the database's statistics; 0 when not known
   * @param startedMicros when it began; 0 before
   * @param paused whether someone told it to wait
   */
  record Progress(
      boolean over,
      @Nullable String shape,
      SortedMap<Integer, Long> marks,
      List<String> after,
      long rows,
      long estimate,
      long startedMicros,
      boolean paused) {
    Progress {
      marks = new TreeMap<>(marks);
      after = List.copyOf(after);
    }

    /** Of a snapshot that has not begun. */
    static Progress of(boolean over) {
      return new Progress(over, null, new TreeMap<>(), List.of(), 0, 0, 0, false);
    }

    /** From the beginning. */
    Progress again() {
      return new Progress(over, null, new TreeMap<>(), List.of(), 0, 0, 0, paused);
    }

    Progress begun(Map<Integer, Long> ends, long micros) {
      return new Progress(over, shape, new TreeMap<>(ends), after, rows, estimate, micros, paused);
    }

    Progress shaped(@Nullable String now, long about) {
      return new Progress(over, now, marks, after, rows, about, startedMicros, paused);
    }

    Progress reached(List<String> key, long more) {
      return new Progress(over, shape, marks, key, rows + more, estimate, startedMicros, paused);
    }

    Progress paused(boolean now) {
      return new Progress(over, shape, marks, after, rows, estimate, startedMicros, now);
    }

    /** What there is to tell of it when it is over. */
    Progress summary() {
      return new Progress(
          over, null, new TreeMap<>(), List.of(), rows, estimate, startedMicros, false);
    }
  }
}
