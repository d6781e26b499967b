package io.millrace.local.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.local.ConnectorClient;
import io.millrace.local.StackException;
import io.millrace.schemas.SourceMetadata;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the connector to read tables again, one at a time, however often it goes away meanwhile, and
 * writes down in the database between which places of its log the rows can have been read, and how
 * often: an answer that is lost makes two snapshots of one.
 */
final class Rereads {
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Set<String> OPEN = Set.of("pending", "running", "paused");
  private static final String UNASKED = "auto-";

  private final String jdbcUrl;
  private final ConnectorClient connector;
  private final Consumer<RereadPlan.Step> log;
  private final Set<String> known = new HashSet<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();

  /**
   * Where a table may have been read again.
   *
   * @param from position in the log
   * @param to position in the log; null when it is not known to have ended
   * @param times how often
   */
  record Span(String from, @Nullable String to, int times) {}

  /**
   * Requests to a connector.
   *
   * @param log told of each, once the connector has taken it on
   */
  Rereads(String jdbcUrl, ConnectorClient connector, Consumer<RereadPlan.Step> log) {
    this.jdbcUrl = jdbcUrl;
    this.connector = connector;
    this.log = log;
  }

  /** The statement that creates the table in which they are written down. */
  static String ddl() {
    return "CREATE TABLE rereads (number int PRIMARY KEY, name text NOT NULL,"
        + " asked pg_lsn NOT NULL, over pg_lsn, times int NOT NULL)";
  }

  /** Where a table was read again, in order. */
  static List<Span> spans(Connection connection, RandomTable table) throws SQLException {
    List<Span> spans = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT (asked - '0/0')::bigint, (over - '0/0')::bigint, times FROM rereads"
                + " WHERE name = ? ORDER BY number")) {
      query.setString(1, table.name());
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          long over = rows.getLong(2);
          spans.add(
              new Span(
                  SourceMetadata.postgresPosition(rows.getLong(1), 0),
                  over == 0 ? null : SourceMetadata.postgresPosition(over, 0),
                  rows.getInt(3)));
        }
      }
    }
    return spans;
  }

  /** A line for each snapshot that failed. */
  List<String> problems() {
    return problems;
  }

  /** Lets the snapshots of a plan be taken, until the plan or the time is over. */
  void run(Iterator<RereadPlan.Step> plan, BooleanSupplier over) throws InterruptedException {
    while (!over.getAsBoolean() && plan.hasNext()) {
      RereadPlan.Step step = plan.next();
      Thread.sleep(step.quiet());
      if (!over.getAsBoolean()) {
        make(step);
      }
    }
  }

  private void make(RereadPlan.Step step) throws InterruptedException {
    write(
        "INSERT INTO rereads VALUES (%d, '%s', pg_current_wal_insert_lsn(), NULL, 1) ON CONFLICT DO NOTHING"
            .formatted(step.number(), step.table().name()));
    String id = asked(step);
    while (id == null) {
      Thread.sleep(RETRY);
      id = asked(step);
    }
    log.accept(step);
    switch (step.course()) {
      case LEFT_ALONE -> {}
      case PAUSED -> {
        Thread.sleep(step.after());
        tell(id, "pause");
        Thread.sleep(step.after());
        tell(id, "resume");
      }
      case STOPPED -> {
        Thread.sleep(step.after());
        tell(id, "stop");
      }
    }
    write(
        "UPDATE rereads SET over = pg_current_wal_insert_lsn(), times = %d WHERE number = %d"
            .formatted(awaitOver(step), step.number()));
  }

  /** The snapshot's id; null when the connector is not known to have taken it on. */
  private @Nullable String asked(RereadPlan.Step step) throws InterruptedException {
    ObjectNode wanted = new ObjectMapper().createObjectNode();
    wanted.putArray("tables").add(step.table().name());
    if (!step.condition().isEmpty()) {
      wanted.put("condition", step.condition());
    }
    try {
      return connector.post("/snapshots", wanted.toString()).path("id").asText();
    } catch (StackException e) {
      return null;
    }
  }

  /** Until it is done, or the snapshot is over. */
  private void tell(String id, String what) throws InterruptedException {
    while (true) {
      try {
        connector.post("/snapshots/%s/%s".formatted(id, what), "");
        return;
      } catch (StackException e) {
        if (snapshots().stream()
            .anyMatch(one -> one.path("id").asText().equals(id) && !isOpen(one))) {
          return;
        }
        Thread.sleep(RETRY);
      }
    }
  }

  /** Waits until all are over that were asked for; returns how many there were since the last. */
  private int awaitOver(RereadPlan.Step step) throws InterruptedException {
    while (true) {
      List<JsonNode> asked =
          snapshots().stream().filter(one -> !one.path("id").asText().startsWith(UNASKED)).toList();
      if (!asked.isEmpty() && asked.stream().noneMatch(Rereads::isOpen)) {
        int times = 0;
        for (JsonNode one : asked) {
          if (known.add(one.path("id").asText())) {
            times++;
            if (one.path("state").asText().equals("failed")) {
              problems.add("%s failed: %s".formatted(step, one.path("failure").asText()));
            }
          }
        }
        return times;
      }
      Thread.sleep(RETRY);
    }
  }

  private static boolean isOpen(JsonNode snapshot) {
    return OPEN.contains(snapshot.path("state").asText());
  }

  /** None while the connector does not answer. */
  private List<JsonNode> snapshots() throws InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    try {
      connector.get("/snapshots").path("snapshots").forEach(all::add);
    } catch (StackException e) {
      return List.of();
    }
    return all;
  }

  /** However often the database goes away. */
  private void write(String sql) throws InterruptedException {
    while (true) {
      try (Connection connection = DriverManager.getConnection(jdbcUrl);
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
        return;
      } catch (SQLException e) {
        Thread.sleep(RETRY);
      }
    }
  }
}
