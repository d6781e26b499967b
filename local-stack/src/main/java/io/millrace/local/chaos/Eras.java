package io.millrace.local.chaos;

import io.millrace.schemas.SourceMetadata;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The times between the alterations of a table, and the requests to read it again, as SQL over its
 * bronze table. A change is of the era in which it stands in the source's log.
 *
 * @param alterations their positions in the log
 * @param marks where in the log the eras but the first begin
 * @param reads how often a row can have been read again in each era: once if the table was altered
 *     before, and once by each request that was not done before
 */
record Eras(List<String> alterations, List<String> marks, List<Integer> reads) {
  Eras {
    alterations = List.copyOf(alterations);
    marks = List.copyOf(marks);
    reads = List.copyOf(reads);
  }

  /**
   * The eras of a table.
   *
   * @param alterations their positions in the log
   * @param rereads between which positions it was read again on demand
   */
  static Eras of(List<String> alterations, List<Rereads.Span> rereads) {
    TreeSet<String> all = new TreeSet<>(alterations);
    rereads.forEach(span -> all.add(span.from()));
    List<String> marks = List.copyOf(all);
    return new Eras(
        alterations,
        marks,
        IntStream.rangeClosed(0, marks.size())
            .map(era -> era == 0 ? 0 : reads(marks.get(era - 1), alterations, rereads))
            .boxed()
            .toList());
  }

  private static int reads(String start, List<String> alterations, List<Rereads.Span> rereads) {
    boolean altered = alterations.stream().anyMatch(at -> at.compareTo(start) <= 0);
    return (altered ? 1 : 0)
        + rereads.stream()
            .filter(span -> span.from().compareTo(start) <= 0)
            .filter(span -> span.to() == null || span.to().compareTo(start) > 0)
            .mapToInt(Rereads.Span::times)
            .sum();
  }

  /** Number of a change's era, the first being 0. */
  String number() {
    return before(marks);
  }

  /** Number of alterations before a change: with the same, rows have the same columns. */
  String altered() {
    return before(alterations);
  }

  private static String before(List<String> marks) {
    return marks.isEmpty()
        ? "0"
        : marks.stream()
            .map(at -> "CAST(%s >= '%s' AS INTEGER)".formatted(SourceMetadata.SOURCE_POS, at))
            .collect(Collectors.joining(" + ", "(", ")"));
  }

  /** How often a row can have been read again, by the number of the era. */
  String readsOf(String number) {
    return IntStream.range(0, reads.size())
        .mapToObj(era -> "WHEN %d THEN %d".formatted(era, reads.get(era)))
        .collect(Collectors.joining(" ", "CASE " + number + " ", " END"));
  }

  /**
   * What a change was in the database: {@code c}, {@code u}, {@code d}; or {@code r}, none, a row
   * that was read again. A row that was read before any alteration or request was inserted before
   * the connector began.
   */
  String kind() {
    return "CASE WHEN _op <> 'r' THEN _op WHEN %s = 0 THEN 'c' ELSE 'r' END".formatted(number());
  }
}
