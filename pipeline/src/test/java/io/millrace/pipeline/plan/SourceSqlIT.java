package io.millrace.pipeline.plan;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileException;
import io.millrace.schemas.Row;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What compiled plans compute equals what PostgreSQL computes. */
class SourceSqlIT {
  private static final Schema STRING = Schema.create(Schema.Type.STRING);
  private static final Schema INT = Schema.create(Schema.Type.INT);
  private static final Schema LONG = Schema.create(Schema.Type.LONG);
  private static final Schema TZ =
      LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
  private static final Schema TS =
      LogicalTypes.localTimestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
  private static final Schema DATE =
      LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
  private static final Schema UUID =
      LogicalTypes.uuid().addToSchema(Schema.create(Schema.Type.STRING));

  private static EmbeddedPostgres postgres;
  private static Connection connection;
  @TempDir private Path directory;

  @BeforeAll
  static void start() throws IOException, SQLException {
    postgres =
        EmbeddedPostgres.builder()
            .setLocaleConfig("locale", "C.UTF-8")
            .setServerConfig("timezone", "America/St_Johns")
            .start();
    connection = postgres.getPostgresDatabase().getConnection();
    create();
    fill();
  }

  @AfterAll
  static void stop() throws IOException, SQLException {
    connection.close();
    postgres.close();
  }

  private static Schema jsonb() {
    Schema jsonb = Schema.create(Schema.Type.STRING);
    jsonb.addProp("millrace.type", "jsonb");
    return jsonb;
  }

  private static void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void create() throws SQLException {
    execute(
        """
        CREATE TABLE "T" (id bigint PRIMARY KEY, i int, i2 int, "select" int, b bigint, b2 bigint,
          n numeric(12,2), m numeric(20,5), w numeric(38,10), f boolean, f2 boolean, s text,
          s2 varchar(50), d date, d2 date, ts timestamp, ts2 timestamp, tz timestamptz,
          tz2 timestamptz, u uuid, u2 uuid, j jsonb, y bytea, rid int);
        CREATE TABLE r (rid bigint, part text, label text, weight numeric(10,3), qid uuid,
          PRIMARY KEY (rid, part));
        CREATE TABLE q (qid uuid PRIMARY KEY, "order" text NOT NULL, "at" timestamp)
        """);
  }

  static Map<String, Relation> tables() {
    Map<String, Relation> tables = new LinkedHashMap<>();
    Map<String, Schema> columns =
        Shop.columns(
            "id",
            LONG,
            "i",
            INT,
            "i2",
            INT,
            "select",
            INT,
            "b",
            LONG,
            "b2",
            LONG,
            "n",
            Shop.decimal(12, 2),
            "m",
            Shop.decimal(20, 5),
            "w",
            Shop.decimal(38, 10),
            "f",
            Schema.create(Schema.Type.BOOLEAN),
            "f2",
            Schema.create(Schema.Type.BOOLEAN),
            "s",
            STRING,
            "s2",
            STRING,
            "d",
            DATE,
            "d2",
            DATE,
            "ts",
            TS,
            "ts2",
            TS,
            "tz",
            TZ,
            "tz2",
            TZ,
            "u",
            UUID,
            "u2",
            UUID,
            "j",
            jsonb(),
            "y",
            Schema.create(Schema.Type.BYTES),
            "rid",
            INT);
    columns.replaceAll((name, type) -> name.equals("id") ? type : Shop.nullable(type));
    Shop.add(tables, "t", 1, columns);
    Shop.add(
        tables,
        "r",
        2,
        Shop.columns(
            "rid",
            LONG,
            "part",
            STRING,
            "label",
            Shop.nullable(STRING),
            "weight",
            Shop.nullable(Shop.decimal(10, 3)),
            "qid",
            Shop.nullable(UUID)));
    Shop.add(tables, "q", 1, Shop.columns("qid", UUID, "order", STRING, "at", Shop.nullable(TS)));
    return tables;
  }

  private static void fill() throws SQLException {
    Random random = new Random(20261121);
    String[] ints = {"0", "1", "-1", "2", "3", "7", "2147483647", "-2147483648", "100", "-5"};
    String[] longs = {
      "0", "1", "-1", "9223372036854775807", "-9223372036854775808", "12", "3000000000"
    };
    String[] cents = {
      "0", "0.01", "-0.01", "1.50", "-2.25", "9999999999.99", "-9999999999.99", "100"
    };
    String[] fine = {"0", "0.00001", "-0.00001", "999999999999999.99999", "1.50000", "-2.25"};
    String[] wide = {
      "0", "1.5", "9999999999999999999999999999.9999999999", "-0.0000000001", "-12.3450000000"
    };
    String[] texts = {
      "", " ", "a", "ab", "AB", "b", "aab a", "é", "É", "straße", "𝄞x", "100%", "a_b", "\\%", "İı",
      "a%", "日本", "\t\n", "'"
    };
    String[] dates = {"1969-12-31", "1970-01-01", "2024-02-29", "0001-01-01", "9999-12-31"};
    String[] times = {
      "1969-12-31 23:59:59.999999",
      "1970-01-01 00:00:00",
      "2024-03-31 02:30:00",
      "0001-01-01 00:00:00",
      "9999-12-31 23:59:59.999999",
      "2024-03-31 02:30:00.000001"
    };
    String[] uuids = {
      "0f0e0d0c-0b0a-0908-0706-050403020100",
      "00000000-0000-0000-0000-000000000000",
      "ffffffff-ffff-ffff-ffff-ffffffffffff"
    };
    String[] jsons = {"{}", "{\"a\": [1, 2.0, null]}", "\"x\""};
    for (int id = 0; id < 60; id++) {
      List<String> values = new ArrayList<>(List.of(String.valueOf(id)));
      for (String[] domain :
          List.of(
              ints,
              ints,
              ints,
              longs,
              longs,
              cents,
              fine,
              wide,
              new String[] {"true", "false"},
              new String[] {"true", "false"},
              texts,
              texts,
              dates,
              dates,
              times,
              times,
              times,
              times,
              uuids,
              uuids,
              jsons,
              new String[] {"\\x00ff", "\\x"},
              new String[] {"1", "2", "3", "4"})) {
        // The first rows are small numbers, so that arithmetic succeeds on some.
        int bound = id < 25 ? Math.min(domain.length, 3) : domain.length;
        values.add(
            random.nextInt(6) == 0
                ? "NULL"
                : "'" + domain[random.nextInt(bound)].replace("'", "''") + "'");
      }
      execute(
          "INSERT INTO \"T\" VALUES ("
              + String.join(", ", values).replace("'0001-01-01 00:00:00'", "'0001-01-02 00:00:00'")
              + ")");
    }
    execute("SET timezone = 'UTC'");
    execute(
        "INSERT INTO r VALUES (1, 'a', 'one', 1.500, '"
            + uuids[0]
            + "'), (1, 'b', NULL, NULL, NULL), (2, 'a', 'two', -0.001, '"
            + uuids[2]
            + "'), (3, 'é', 'three', 9999999.999, '"
            + uuids[1]
            + "')");
    execute(
        "INSERT INTO q VALUES ('"
            + uuids[0]
            + "', 'first', '2024-01-01 00:00:00'), ('"
            + uuids[2]
            + "', 'second', NULL)");
    execute("SET timezone = 'Australia/Eucla'");
  }

  private PipelineFile file(Map<String, String> enrich, Map<String, String> aggregate) {
    PipelineFile file = Shop.file(directory, List.of("t", "r", "q"), enrich, aggregate);
    assertThat(file.source().tables().get("t")).isNotNull();
    return file;
  }

  private static Map<String, List<Row>> sourceRows() throws SQLException {
    Map<String, List<Row>> rows = new LinkedHashMap<>();
    for (Relation table : tables().values()) {
      rows.put(
          table.name(),
          PostgresRows.query(
              connection,
              "SELECT * FROM " + (table.name().equals("t") ? "\"T\"" : table.name()),
              table.row()));
    }
    return rows;
  }

  private static List<List<@Nullable Object>> columns(List<Row> rows) {
    return rows.stream()
        .map(row -> Arrays.asList(row.values()).subList(0, row.values().length - 2))
        .toList();
  }

  private void assertEqualToPostgres(Map<String, String> enrich, Map<String, String> aggregate)
      throws SQLException {
    PipelineFile file = file(enrich, aggregate);
    PipelinePlan plan = ViewPlanner.plan(file, tables());
    Map<String, List<Row>> computed = ViewInterpreter.run(plan, sourceRows());
    for (String view : plan.views().keySet()) {
      String sql = SourceSql.postgres(file, plan, view);
      Schema row = requireNonNull(plan.views().get(view)).output().row();
      assertThat(columns(requireNonNull(computed.get(view))))
          .as(sql)
          .isNotEmpty()
          .containsExactlyInAnyOrderElementsOf(columns(PostgresRows.query(connection, sql, row)));
    }
  }

  @Test
  void joins() throws SQLException {
    assertEqualToPostgres(
        Map.of(
            "inner_join",
            "SELECT t.*, r.label, r.weight * t.n AS x FROM t JOIN r ON r.rid = t.rid AND r.part ="
                + " t.s",
            "left_join",
            "SELECT id, label, weight FROM t LEFT JOIN r ON t.rid = r.rid AND 'a' = r.part",
            "left_join_filtered",
            "SELECT id, label FROM t LEFT JOIN r ON t.rid = r.rid AND r.part = 'a' AND r.weight >"
                + " 0",
            "anti_join",
            "SELECT id, i FROM t LEFT JOIN r ON t.rid = r.rid AND r.part = 'a' WHERE r.rid IS NULL",
            "where_right",
            "SELECT id FROM t LEFT JOIN r ON t.rid = r.rid AND r.part = 'a' WHERE r.weight > 0",
            "chain",
            "SELECT q.\"order\", id, label FROM t JOIN r ON t.rid = r.rid AND r.part = 'a' LEFT"
                + " JOIN q ON r.qid = q.qid",
            "comma",
            "SELECT id, label, t.tz FROM t, r WHERE t.rid = r.rid AND r.part = 'a' AND t.i >"
                + " r.weight",
            "of_views",
            "SELECT c.id, c.label, q.\"at\", v.i FROM chain c JOIN t v ON c.id = v.id LEFT JOIN q"
                + " ON v.u = q.qid"),
        Map.of());
  }

  @Test
  void joinsOfWhatJoinedRelationsName() throws SQLException {
    assertEqualToPostgres(
        Map.of(
            "inner_of_inner",
            "SELECT t.id, q.\"order\", r.label FROM t JOIN r ON t.rid = r.rid AND r.part = 'a'"
                + " JOIN q ON r.qid = q.qid",
            "outer_of_outer",
            "SELECT t.id, r.label, q.\"at\", q.\"order\" FROM t LEFT JOIN r ON t.rid = r.rid AND"
                + " r.part = 'a' LEFT JOIN q ON r.qid = q.qid",
            "inner_of_outer",
            "SELECT t.id, r.label, q.\"order\" FROM t LEFT JOIN r ON t.rid = r.rid AND r.part ="
                + " 'a' JOIN q ON r.qid = q.qid",
            "computed_of_outer",
            "SELECT t.id, r.label, q.\"order\" FROM t LEFT JOIN r ON t.rid = r.rid AND r.part ="
                + " 'b' LEFT JOIN q ON COALESCE(r.qid, t.u) = q.qid",
            "crossed",
            "SELECT t.id, q.\"order\" AS o, o.\"order\" AS p, r.label, p.s, p.id AS pid FROM t JOIN"
                + " r ON t.rid = r.rid AND r.part = 'a' LEFT JOIN q ON r.qid = q.qid LEFT JOIN q o"
                + " ON t.u = o.qid LEFT JOIN t p ON r.rid = p.id WHERE r.weight > t.rid - 10",
            "of_constant_key",
            "SELECT t.id, b.s, c.s AS cs FROM t JOIN t b ON t.rid = b.id LEFT JOIN t c ON b.rid ="
                + " c.id AND c.id = 1",
            "deep",
            "SELECT t.id, b.rid AS brid, r.label, q.\"order\", t.s FROM t LEFT JOIN t b ON t.rid ="
                + " b.id LEFT JOIN r ON b.rid = r.rid AND r.part = 'a' LEFT JOIN q ON r.qid ="
                + " q.qid"),
        Map.of());
  }

  @Test
  void aggregates() throws SQLException {
    assertEqualToPostgres(
        Map.of("narrow", "SELECT id, s, n, ts, tz FROM t WHERE NOT (f AND f2)"),
        Map.of(
            "plain",
            "SELECT f, COUNT(*) AS c, COUNT(s) AS cs, SUM(i) AS si, SUM(b) AS sb, SUM(n) AS sn,"
                + " SUM(w) AS sw, AVG(i) AS ai, AVG(b) AS ab, AVG(m) AS am, AVG(w) AS aw FROM t"
                + " GROUP BY f",
            "having",
            "SELECT COUNT(*) AS c, LOWER(s) AS low, SUM(n) - SUM(m) AS x FROM t GROUP BY LOWER(s)"
                + " HAVING COUNT(*) > 1 AND SUM(n) IS NOT NULL",
            "by_bytes",
            "SELECT y, u, d, f, COUNT(*) AS c FROM t GROUP BY y, u, d, f",
            "minutes",
            "SELECT window_start, window_end, SUM(n) AS sn FROM TABLE(TUMBLE(TABLE narrow,"
                + " DESCRIPTOR(tz), INTERVAL '7' MINUTE)) GROUP BY window_start, window_end",
            "days",
            "SELECT SUM(n) AS sn, window_end AS upto, s, window_start AS since FROM"
                + " TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '3' DAY)) AS w GROUP BY s,"
                + " window_start, window_end"));
  }

  @Test
  void everyWhitelistedExpression() throws SQLException {
    // given
    RandomExpressions expressions = new RandomExpressions(42);
    Map<String, List<Row>> source = sourceRows();
    List<String> refused = new ArrayList<>();
    int failed = 0;
    int views = 300;

    for (int i = 0; i < views; i++) {
      String expression = expressions.any(1 + i % 3);
      PipelineFile file;
      PipelinePlan plan;
      try {
        file = file(Map.of("v", "SELECT id, " + expression + " AS x FROM t"), Map.of());
        plan = ViewPlanner.plan(file, tables());
      } catch (PipelineFileException e) {
        refused.add(expression + " — " + e.getMessage());
        continue;
      }
      // when, then
      failed += compareRowByRow(SourceSql.postgres(file, plan, "v"), plan, source) ? 1 : 0;
    }

    assertThat(refused).hasSizeLessThan(views / 50);
    assertThat(failed).as("with an error on some row").isLessThan(views / 2);
  }

  /** Compares each row, also whether it is an error; whether any was. */
  private static boolean compareRowByRow(
      String sql, PipelinePlan plan, Map<String, List<Row>> source) throws SQLException {
    ViewPlan view = requireNonNull(plan.views().get("v"));
    Schema row = view.output().row();
    Map<Object, List<@Nullable Object>> theirs = answers(sql, row, source);
    for (Row input : requireNonNull(source.get("t"))) {
      List<@Nullable Object> ours = computed(view, input);
      List<@Nullable Object> expected = theirs.getOrDefault(input.get(0), List.of());
      if (ours.isEmpty() && !expected.isEmpty() && expected.get(1) instanceof BigDecimal number) {
        assertThat(fits(number, row.getField("x").schema())).as(sql).isFalse();
      } else {
        assertThat(ours).as(sql + "\n" + input).isEqualTo(expected);
      }
    }
    return theirs.size() < requireNonNull(source.get("t")).size();
  }

  /** What PostgreSQL answers for each row by its id; nothing where it answers with an error. */
  private static Map<Object, List<@Nullable Object>> answers(
      String sql, Schema row, Map<String, List<Row>> source) throws SQLException {
    Map<Object, List<@Nullable Object>> answers = new LinkedHashMap<>();
    try {
      for (List<@Nullable Object> answer : columns(PostgresRows.query(connection, sql, row))) {
        answers.put(requireNonNull(answer.get(0)), answer);
      }
      return answers;
    } catch (SQLException e) {
      // some row is an error: which, only each alone can tell
    }
    for (Row input : requireNonNull(source.get("t"))) {
      Object id = requireNonNull(input.get(0));
      try {
        answers.put(
            id, columns(PostgresRows.query(connection, sql + " WHERE id = " + id, row)).getFirst());
      } catch (SQLException e) {
        assertThat(e.getSQLState()).as(e.getMessage()).startsWith("22");
      }
    }
    return answers;
  }

  /** Whether a number has a place in a column: where not, a view has an error, PostgreSQL none. */
  private static boolean fits(BigDecimal number, Schema column) {
    LogicalTypes.Decimal type = (LogicalTypes.Decimal) column.getTypes().get(1).getLogicalType();
    return number.setScale(type.getScale(), RoundingMode.HALF_UP).precision()
        <= type.getPrecision();
  }

  /** The row's columns; none if it is an error. */
  private static List<@Nullable Object> computed(ViewPlan view, Row input) {
    try {
      return columns(new ViewInterpreter(Map.of("t", List.of(input))).rows(view.root())).getFirst();
    } catch (ArithmeticException e) {
      return List.of();
    }
  }
}
