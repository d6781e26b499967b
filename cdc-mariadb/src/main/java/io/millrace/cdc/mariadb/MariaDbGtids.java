package io.millrace.cdc.mariadb;

import io.millrace.cdc.binlog.GtidSets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB's positions: for each replication domain its last transaction, {@code
 * domain-server-sequence}. Within a domain sequence numbers grow.
 */
final class MariaDbGtids implements GtidSets {
  @Override
  public String with(String set, String gtid) {
    Map<Long, Gtid> domains = domains(set);
    Gtid added = Gtid.of(gtid);
    domains.put(added.domain(), added);
    return domains.values().stream().map(Gtid::toString).collect(Collectors.joining(","));
  }

  @Override
  public boolean contains(String set, String gtids) {
    Map<Long, Gtid> domains = domains(set);
    return domains(gtids).values().stream()
        .allMatch(
            asked -> {
              @Nullable Gtid last = domains.get(asked.domain());
              return last != null && asked.sequence() <= last.sequence();
            });
  }

  /** Whether every transaction before {@code earlier} is one before {@code later}. */
  static boolean isWithin(String earlier, String later) {
    return new MariaDbGtids().contains(later, earlier);
  }

  /** Whether two positions are the same, however they are written. */
  static boolean isSame(String one, String other) {
    return domains(one).equals(domains(other));
  }

  private static Map<Long, Gtid> domains(String set) {
    Map<Long, Gtid> domains = new TreeMap<>();
    if (!set.isBlank()) {
      for (String gtid : set.split(",", -1)) {
        Gtid parsed = Gtid.of(gtid.strip());
        domains.put(parsed.domain(), parsed);
      }
    }
    return domains;
  }

  private record Gtid(long domain, long server, long sequence) {
    static Gtid of(String text) {
      String[] parts = text.split("-", -1);
      if (parts.length != 3) {
        throw new IllegalArgumentException("not a GTID of MariaDB: " + text);
      }
      return new Gtid(
          Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseUnsignedLong(parts[2]));
    }

    @Override
    public String toString() {
      return domain + "-" + server + "-" + Long.toUnsignedString(sequence);
    }
  }
}
