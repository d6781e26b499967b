package io.millrace.cdc;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** PostgreSQL's log sequence numbers: as PostgreSQL writes them, and in source offsets. */
final class Lsn {
  private static final String NAME = "lsn";

  private Lsn() {}

  /** {@code lsn} as PostgreSQL writes it. */
  static String text(long lsn) {
    return "%X/%X".formatted(lsn >>> 32, lsn & 0xffff_ffffL);
  }

  /** The number of {@link #text}. */
  static long of(String text) {
    int slash = text.indexOf('/');
    return Long.parseLong(text.substring(0, slash), 16) << 32
        | Long.parseLong(text.substring(slash + 1), 16);
  }

  /** The end of the last complete transaction, or of a heartbeat after it. */
  static long of(SourceOffset offset) {
    return of(offset.place());
  }

  /** The number of {@link #place}. */
  static long of(SortedMap<String, String> place) {
    String text = place.get(NAME);
    if (text == null) {
      throw new IllegalStateException("not an offset of PostgreSQL: " + place);
    }
    return of(text);
  }

  /** The place of an offset. */
  static SortedMap<String, String> place(long lsn) {
    return new TreeMap<>(Collections.singletonMap(NAME, text(lsn)));
  }
}
