package io.millrace.local.lake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.local.KafkaOffsets;
import io.millrace.local.StackException;
import io.millrace.pipeline.Source;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** MariaDB's and MySQL's; places are sets of GTIDs, of which the connector's offset has one. */
final class BinlogLog implements SourceLog {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter DATETIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

  private final Connection connection;
  private final Source source;
  private final KafkaOffsets kafka;
  private final TopicPartition offsets;
  private long next;
  private String captured = "";

  BinlogLog(Connection connection, Source source, KafkaOffsets kafka, String offsetsTopic) {
    this.connection = connection;
    this.source = source;
    this.kafka = kafka;
    this.offsets = new TopicPartition(offsetsTopic, 0);
  }

  @Override
  public boolean isPast(Instant time) throws SQLException {
    return isTrue("SELECT UTC_TIMESTAMP(6) >= CAST(? AS DATETIME(6))", DATETIME.format(time));
  }

  @Override
  public String end() throws SQLException {
    String variable = isMySql() ? "gtid_executed" : "gtid_binlog_pos";
    return SourceLog.text(connection, "SELECT @@GLOBAL." + variable);
  }

  @Override
  public boolean isCaptured(String gtids) throws SQLException {
    next = kafka.read(offsets, next, offset -> take(offset.value()));
    return isMySql()
        ? isTrue("SELECT GTID_SUBSET(?, ?)", gtids, captured)
        : isWithin(sequences(gtids), sequences(captured));
  }

  /** What has a gap is not complete up to its place. */
  private void take(byte[] offset) {
    try {
      JsonNode fields = JSON.readTree(offset);
      captured = fields.has("gap") ? "" : fields.path("gtids").asText();
    } catch (IOException e) {
      throw new StackException("topic %s holds no source offset".formatted(offsets.topic()), e);
    }
  }

  private boolean isMySql() {
    return source.connector().equals(Source.MYSQL);
  }

  private boolean isTrue(String sql, String... values) throws SQLException {
    return SourceLog.text(connection, sql, values).equals("1");
  }

  private static boolean isWithin(Map<String, Long> some, Map<String, Long> all) {
    return some.entrySet().stream()
        .allMatch(domain -> domain.getValue() <= all.getOrDefault(domain.getKey(), -1L));
  }

  /** Of each replication domain of MariaDB the last transaction's: domain-server-sequence. */
  private static Map<String, Long> sequences(String gtids) {
    Map<String, Long> sequences = new HashMap<>();
    for (String gtid : gtids.strip().split("[,\\s]+", -1)) {
      String[] parts = gtid.split("-", -1);
      if (parts.length == 3) {
        sequences.put(parts[0], Long.parseLong(parts[2]));
      } else if (!gtid.isEmpty()) {
        throw new StackException("'%s' is no GTID of MariaDB, such as 0-1-42".formatted(gtid));
      }
    }
    return sequences;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
