package io.millrace.local.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A random database and a random pipeline over it.
 *
 * @param tables each refers only to those before it; the first has a declared key, to the last two
 *     rows are only added, the last of all has no key
 * @param views over them
 */
record RandomPipeline(List<RandomTable> tables, RandomViews views) {
  private static final int TABLES = 5;

  /** The pipeline that {@code random} gives. */
  static RandomPipeline of(RandomGenerator random) {
    List<RandomTable> tables = new ArrayList<>();
    for (int i = 0; i < TABLES; i++) {
      RandomTable table = RandomTable.of("t" + i, random, tables);
      tables.add(
          switch (i) {
            case 0 -> table.withDeclaredKey();
            case TABLES - 2 -> table.onlyAppended();
            case TABLES - 1 -> table.withoutKey();
            default -> table;
          });
    }
    return new RandomPipeline(List.copyOf(tables), new RandomViews(random, tables));
  }

  /** The table whose rows are all changed at once now and then. */
  RandomTable bulk() {
    return tables.get(TABLES - 3);
  }

  /** Those that the load fills again once they are empty: neither it nor those that only grow. */
  List<RandomTable> refilled() {
    return tables.subList(0, TABLES - 3);
  }

  /** The statements that create the tables. */
  List<String> ddl() {
    return tables.stream().flatMap(table -> table.ddl().stream()).toList();
  }

  /** Creates the tables, and what counts their committed changes and alterations. */
  void createTables(String jdbcUrl) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      for (String ddl : ddl()) {
        statement.execute(ddl);
      }
      for (String ddl : CommittedChanges.ddl(tables)) {
        statement.execute(ddl);
      }
      statement.execute(Alterations.ddl());
      statement.execute(Rereads.ddl());
    }
  }

  /** Writes the pipeline file, replacing it. */
  Path writeTo(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.writeString(file, yaml());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** The pipeline file. */
  String yaml() {
    return """
    pipeline: chaos
    kafka:
      bootstrap.servers: ${KAFKA_BOOTSTRAP_SERVERS:localhost:9092}
    registry:
      url: ${SCHEMA_REGISTRY_URL:http://localhost:8080/apis/ccompat/v7}
    topics:
      partitions: 2
      replication_factor: 1
    source:
      connector: postgresql
      config:
        database.hostname: ${DB_HOST:localhost}
        database.port: ${DB_PORT:5432}
        database.user: ${DB_USER:postgres}
        database.password: ${DB_PASSWORD:}
        database.dbname: ${DB_NAME:shop}
      tables:
    %s
    enrich:
    %s
    aggregate:
    %s
    lake:
      catalog:
        type: ${LAKE_CATALOG_TYPE:jdbc}
        uri: ${LAKE_CATALOG_URI:jdbc:postgresql://localhost:5432/lake}
        jdbc.user: ${LAKE_CATALOG_USER:postgres}
        jdbc.password: ${LAKE_CATALOG_PASSWORD:}
        warehouse: ${LAKE_WAREHOUSE:file:///var/lib/millrace/warehouse}
      commit_every: 1s
      maintenance: {every: 20s, keep_snapshots: 1m, target_file_size: 1MB}
      tables:
        silver.%s: {format_version: 2}
    """
        .formatted(
            tables.stream().map(RandomPipeline::entry).collect(Collectors.joining("\n")),
            entries(views.enriched()),
            entries(views.aggregates()),
            tables.stream().filter(table -> !table.appendOnly()).findFirst().orElseThrow().name());
  }

  private static String entry(RandomTable table) {
    return "    %s: {from: public.%s%s%s}"
        .formatted(
            table.name(),
            table.name(),
            table.declared() ? ", key: " + table.keyColumns() : "",
            table.appendOnly() ? ", append_only: true" : "");
  }

  private static String entries(Map<String, String> views) {
    return views.entrySet().stream()
        .map(view -> "  %s:\n    sql: |\n%s".formatted(view.getKey(), view.getValue().indent(6)))
        .collect(Collectors.joining());
  }
}
