package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.DeadLetter;
import io.millrace.schemas.Topics;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every captured type at its edges, by snapshot and by stream: both must say the same. */
@ExtendWith(Servers.Extension.class)
class TypesIT {
  private static final String TABLE =
      """
      CREATE TABLE every_type (
        id bigserial PRIMARY KEY, i2 smallint, i4 int NOT NULL DEFAULT 7, i8 bigint,
        n numeric(38,10), money numeric(12,2) DEFAULT 1.5, b boolean, t text DEFAULT 'none',
        v varchar(20), tz timestamptz DEFAULT now(), ts timestamp, d date, u uuid, j jsonb,
        bin bytea);
      ALTER TABLE every_type REPLICA IDENTITY FULL;
      COMMENT ON TABLE every_type IS 'What there is.';
      COMMENT ON COLUMN every_type.t IS 'Its "name".';
      """;

  private static final String COLUMNS =
      "INSERT INTO every_type (i2, i4, i8, n, money, b, t, v, tz, ts, d, u, j, bin) VALUES ";

  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final Database database;

  TypesIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
    database.run(TABLE);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private static void insertEdges(Database database) {
    database.run(
        COLUMNS
            + """
            (-32768, -2147483648, -9223372036854775808, -9999999999999999999999999999.9999999999,
             -0.01, false, '', 'x', '0044-03-15 12:00:00.000001+00 BC',
             '4713-01-02 00:00:00 BC', '4713-01-02 BC', '00000000-0000-0000-0000-000000000000',
             'null', '\\x'),
            (32767, 2147483647, 9223372036854775807, 9999999999999999999999999999.9999999999,
             9999999999.99, true, 'žluťoučký 馬 🐎 "quoted" \\ and' || chr(10) || 'line', 'ž',
             '294246-12-31 23:59:59.999999+00', '294246-12-31 23:59:59.999999', '5874897-12-31',
             'ffffffff-ffff-ffff-ffff-ffffffffffff', '{"b": [1, 2.50, "ž"], "a": null}',
             '\\x00ff10'),
            (0, 0, 0, 0, 0, true, 't', 'v', '1969-12-31 23:59:59.999999+00',
             '1969-12-31 23:59:59.999999', '1969-12-31', gen_random_uuid(), '[]', '\\x00'),
            (1, 1, 1, 1, 1, true, 't', 'v', '1582-10-10 00:00:00+00', '1582-10-10 00:00:00',
             '1582-10-10', gen_random_uuid(), '"s"', '\\x01'),
            (1, 1, 1, 1, 1, true, 't', 'v', '2024-03-31 01:30:00+00', '2024-03-31 02:30:00',
             '2024-03-31', gen_random_uuid(), '1', '\\x01'),
            (null, 1, null, null, null, null, null, null, null, null, null, null, null, null)
            """);
  }

  @Test
  void snapshotAndStreamCarryEveryTypeWithoutLoss() throws Exception {
    // given
    insertEdges(database);
    PipelineFile file = RunningConnector.file(servers, database, name, Map.of(), "every_type");

    // when
    List<Reader.Change> changes;
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming();
        Reader reader = new Reader(file, registry, name + ".cdc.every_type")) {
      insertEdges(database);
      changes =
          reader.changes(12).stream()
              .sorted(Comparator.comparing(change -> (Long) change.after().values()[0]))
              .toList();
      assertThat(connector.fatal()).isEmpty();
    }

    // then
    Schema row =
        ChangeEvent.row(
            registry.latest(Topics.valueSubject(name + ".cdc.every_type")).orElseThrow());
    assertThat(row.getDoc()).isEqualTo("What there is.");
    assertThat(row.getField("t").doc()).isEqualTo("Its \"name\".");
    assertThat(row.getField("v").doc()).isNull();
    assertThat(changes).hasSize(12);
    for (int i = 0; i < 6; i++) {
      @Nullable Object[] read = changes.get(i).after().values();
      @Nullable Object[] streamed = changes.get(i + 6).after().values();
      if (i == 0 || i == 1 || i == 5) {
        assertThat(without(streamed)).containsExactly(without(read));
      }
    }
    assertThat(without(changes.get(0).after().values()))
        .containsExactly(
            -32768,
            Integer.MIN_VALUE,
            Long.MIN_VALUE,
            new BigDecimal("-9999999999999999999999999999.9999999999"),
            new BigDecimal("-0.01"),
            false,
            "",
            "x",
            micros(OffsetDateTime.of(-43, 3, 15, 12, 0, 0, 1000, ZoneOffset.UTC)),
            micros(OffsetDateTime.of(-4712, 1, 2, 0, 0, 0, 0, ZoneOffset.UTC)),
            (int) LocalDate.of(-4712, 1, 2).toEpochDay(),
            "00000000-0000-0000-0000-000000000000",
            "null",
            ByteBuffer.wrap(new byte[0]));
    assertThat(without(changes.get(1).after().values()))
        .containsExactly(
            32767,
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            new BigDecimal("9999999999999999999999999999.9999999999"),
            new BigDecimal("9999999999.99"),
            true,
            "žluťoučký 馬 🐎 \"quoted\" \\ and\nline",
            "ž",
            micros(OffsetDateTime.of(294246, 12, 31, 23, 59, 59, 999_999_000, ZoneOffset.UTC)),
            micros(OffsetDateTime.of(294246, 12, 31, 23, 59, 59, 999_999_000, ZoneOffset.UTC)),
            (int) LocalDate.of(5874897, 12, 31).toEpochDay(),
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "{\"a\": null, \"b\": [1, 2.50, \"ž\"]}",
            ByteBuffer.wrap(new byte[] {0, -1, 16}));
    for (int stream = 0; stream <= 6; stream += 6) {
      assertTimes(
          changes.get(2 + stream), "1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999");
      assertTimes(changes.get(3 + stream), "1582-10-10T00:00", "1582-10-10T00:00");
      assertTimes(changes.get(4 + stream), "2024-03-31T01:30", "2024-03-31T02:30");
    }
    assertThat(without(changes.get(5).after().values()))
        .containsExactly(
            null, 1, null, null, null, null, null, null, null, null, null, null, null, null);
  }

  private static void assertTimes(Reader.Change change, String instant, String local) {
    @Nullable Object[] values = change.after().values();
    assertThat(values[9]).isEqualTo(micros(LocalDateTime.parse(instant).atOffset(ZoneOffset.UTC)));
    assertThat(values[10]).isEqualTo(micros(LocalDateTime.parse(local).atOffset(ZoneOffset.UTC)));
    assertThat(values[11]).isEqualTo((int) LocalDate.parse(local.substring(0, 10)).toEpochDay());
  }

  private static long micros(OffsetDateTime time) {
    return time.toEpochSecond() * 1_000_000 + time.getNano() / 1_000;
  }

  private static @Nullable Object[] without(@Nullable Object[] values) {
    return java.util.Arrays.copyOfRange(values, 1, values.length);
  }

  @Test
  void whatHasNoFormGoesToTheDeadLettersAndTheRestGoesOn() throws Exception {
    // given
    String bad =
        """
        INSERT INTO every_type (i4, money) VALUES (1, 'NaN');
        INSERT INTO every_type (i4, tz) VALUES (2, 'infinity');
        INSERT INTO every_type (i4, tz) VALUES (2, '294276-12-31 23:59:59.999999+00');
        INSERT INTO every_type (i4, ts) VALUES (3, '-infinity');
        INSERT INTO every_type (i4, d) VALUES (4, 'infinity');
        INSERT INTO every_type (i4, t) VALUES (5, 'fine');
        """;
    database.run(bad);
    PipelineFile file = RunningConnector.file(servers, database, name, Map.of(), "every_type");

    // when
    try (RunningConnector connector = new RunningConnector(servers, file, registry).streaming();
        Reader reader = new Reader(file, registry, name + ".cdc.every_type");
        Reader dead = new Reader(file, registry, name + ".dead-letters.cdc-connector")) {
      database.run(bad);

      // then
      assertThat(reader.changes(2)).extracting(change -> change.after().get(2)).containsOnly(5);
      List<ConsumerRecord<byte[], byte[]>> letters = dead.records(10);
      assertThat(letters).hasSize(10);
      assertThat(letters)
          .extracting(letter -> header(letter, DeadLetter.FIELD))
          .containsOnly("money", "tz", "ts", "d");
      assertThat(letters).extracting(letter -> letter.key() != null).containsOnly(true);
      assertThat(new String(letters.get(0).value(), StandardCharsets.UTF_8))
          .contains("\"after\":{\"id\":");
      assertThat(connector.fatal()).isEmpty();
      assertThat(connector.meters().get("millrace.dead.letters").counter().count()).isEqualTo(10);
    }
  }

  static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
