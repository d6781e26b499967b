package io.millrace.cdc;

import io.millrace.pipeline.PipelineFile;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Whether what follows an offset is still all there, and all of it comes. */
final class GapCheck {
  private final PipelineFile file;
  private final CdcSettings settings;
  private final TopicIds topics;

  GapCheck(PipelineFile file, CdcSettings settings, TopicIds topics) {
    this.file = file;
    this.settings = settings;
    this.topics = topics;
  }

  /** What an offset would stand on now. */
  Footing footing(Connection connection) throws SQLException, InterruptedException {
    return new Footing(
        ReplicationSlot.system(connection),
        Timelines.now(connection),
        settings.publication().fingerprints(connection, file.source()),
        topics.now());
  }

  /** Whether offsets on {@code footing} can go on being committed: nothing under it was altered. */
  boolean holds(Footing footing, Connection connection) throws SQLException, InterruptedException {
    Footing now = footing(connection);
    return now.system().equals(footing.system())
        && now.published().equals(footing.published())
        && now.topics().equals(footing.topics());
  }

  /**
   * The gap behind an offset, if there is one.
   *
   * @param now what an offset would be now; tables it does not share with {@code offset} get
   *     snapshots of their own
   */
  Optional<Gap> behind(SourceOffset offset, Connection connection, SourceOffset now)
      throws SQLException {
    Optional<String> everything = cluster(offset, connection, now.footing());
    if (everything.isEmpty()) {
      everything = settings.slot().missing(connection, offset);
    }
    if (everything.isPresent()) {
      return Optional.of(Gap.of(everything.get(), offset.tables().keySet()));
    }
    return tables(offset.footing(), now.footing(), offset.sameTables(now));
  }

  private Optional<String> cluster(SourceOffset offset, Connection connection, Footing now)
      throws SQLException {
    Footing then = offset.footing();
    if (!then.system().equals(now.system())) {
      return Optional.of(
          "The database is another PostgreSQL cluster than the one captured so far (system"
              + " identifier %s, was %s)".formatted(now.system(), then.system()));
    }
    if (then.timeline() != 0 && then.timeline() != now.timeline()) {
      OptionalLong branched =
          Timelines.branched(settings.database(), then.timeline(), now.timeline());
      if (branched.isEmpty() || Long.compareUnsigned(branched.getAsLong(), Lsn.of(offset)) < 0) {
        return Optional.of(
            "The database was restored from a backup, or failed over to a replica that was behind"
                + " (timeline %d left timeline %d at %s): Kafka has its changes up to %s"
                    .formatted(
                        now.timeline(),
                        then.timeline(),
                        branched.isEmpty() ? "no known place" : Lsn.text(branched.getAsLong()),
                        offset.placeText()));
      }
    }
    long written = written(connection);
    if (Long.compareUnsigned(written, Lsn.of(offset)) < 0) {
      return Optional.of(
          "The database was restored from an older backup: its log ends at %s, and Kafka has its"
                  .formatted(Lsn.text(written))
              + " changes up to %s".formatted(offset.placeText()));
    }
    return Optional.empty();
  }

  private static long written(Connection connection) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet rows = query.executeQuery("SELECT pg_current_wal_flush_lsn()::text")) {
      rows.next();
      return Lsn.of(rows.getString(1));
    }
  }

  private Optional<Gap> tables(Footing then, Footing now, Set<String> same) {
    List<String> recreated = changed(then.topics(), now.topics(), same);
    if (!recreated.isEmpty()) {
      return Optional.of(Gap.of("Change topics were deleted and created anew", recreated));
    }
    List<String> published = changed(then.published(), now.published(), same);
    return published.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Gap.of(
                "Publication %s was altered, or a table was dropped and created anew, so that"
                        .formatted(settings.publication().name())
                    + " PostgreSQL may have left changes out",
                published));
  }

  /** Tables of which another value is known now than then. */
  private static List<String> changed(
      Map<String, String> then, Map<String, String> now, Set<String> tables) {
    return tables.stream()
        .filter(table -> then.containsKey(table) && !then.get(table).equals(now.get(table)))
        .toList();
  }
}
