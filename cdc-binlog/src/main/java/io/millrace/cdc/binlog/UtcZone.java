package io.millrace.cdc.binlog;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.TimeZone;

/**
 * The zone of this JVM. In a snapshot Debezium reads DATETIME columns by way of the JVM's calendar,
 * which in most zones has hours that do not exist: in UTC there are none.
 */
public final class UtcZone {
  private UtcZone() {}

  /** Has this JVM be in UTC; to be called before anything else. */
  public static void set() {
    TimeZone.setDefault(TimeZone.getTimeZone(ZoneOffset.UTC));
  }

  /**
   * Makes sure that it is.
   *
   * @throws IllegalStateException when it is not
   */
  static void require() {
    ZoneId zone = ZoneId.systemDefault();
    if (!zone.getRules().isFixedOffset()) {
      throw new IllegalStateException(
          "The JVM is in zone %s, where some hours do not exist: start it with -Duser.timezone=UTC"
              .formatted(zone));
    }
  }
}
