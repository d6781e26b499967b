package io.millrace.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Servers.Extension.class)
class SourceCheckIT {
  private final Servers servers;
  private final String name;
  private final Database database;

  SourceCheckIT(Servers servers) {
    this.servers = servers;
    this.name = servers.nextName();
    this.database = Database.create(servers, name);
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private List<String> problems(Map<String, String> more, String... tables) {
    PipelineFile file = RunningConnector.file(servers, database, name, more, tables);
    return SourceCheck.problems(file);
  }

  @Test
  void findsNothingWrongWithATableThatCanBeCaptured() {
    // given
    database.run("CREATE TABLE a (id int PRIMARY KEY, t text)");
    database.run("ALTER TABLE a REPLICA IDENTITY FULL");

    // when, then
    assertThat(problems(Map.of(), "a")).isEmpty();
    assertThat(database.text("SELECT count(*) FROM pg_publication")).isEqualTo("0");
  }

  @Test
  void namesEveryTypeThatIsNotCaptured() {
    // given
    database.run(
        """
        CREATE TYPE mood AS ENUM ('good');
        CREATE DOMAIN positive AS int CHECK (value > 0);
        CREATE TABLE a (id int PRIMARY KEY, f real, n numeric, c char(3), arr int[], m mood,
          p positive, big numeric(50,2), neg numeric(5,-2), tm time,
          g int GENERATED ALWAYS AS (id + 1) STORED, "odd name" text);
        ALTER TABLE a REPLICA IDENTITY FULL;
        """);

    // when
    List<String> problems = problems(Map.of(), "a");

    // then
    assertThat(problems)
        .extracting(problem -> problem.replaceAll(", a type that is not captured yet.*", ""))
        .containsExactly(
            "Column f of public.a is real",
            "Column n of public.a is numeric",
            "Column c of public.a is character(3)",
            "Column arr of public.a is integer[]",
            "Column m of public.a is mood",
            "Column p of public.a is positive",
            "Column big of public.a is numeric(50,2)",
            "Column neg of public.a is numeric(5,-2)",
            "Column tm of public.a is time without time zone",
            "Column g of public.a is generated, and PostgreSQL does not replicate generated"
                + " columns: make it a plain column (ALTER TABLE public.a ALTER COLUMN g DROP"
                + " EXPRESSION;)",
            "Column odd name of public.a has a name that cannot stand in the lake: rename it to"
                + " letters, digits and underscores, none of _source_..., _op");
  }

  @Test
  void saysWhichTablesCannotBeCapturedAndHowToMendThem() {
    // given
    database.run(
        """
        CREATE TABLE no_key (id int);
        ALTER TABLE no_key REPLICA IDENTITY FULL;
        CREATE TABLE not_full (id int PRIMARY KEY, t text);
        CREATE TABLE log_only (id int PRIMARY KEY, t text);
        CREATE UNLOGGED TABLE unlogged (id int PRIMARY KEY);
        ALTER TABLE unlogged REPLICA IDENTITY FULL;
        CREATE VIEW seen AS SELECT 1 AS id;
        CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
        """);

    // when
    List<String> problems =
        problems(
            Map.of(), "no_key", "not_full", "log_only+", "unlogged", "seen", "parts", "missing");

    // then
    assertThat(problems)
        .containsExactly(
            "Table public.no_key has no primary key: ALTER TABLE public.no_key ADD PRIMARY KEY"
                + " (...); or name columns that tell its rows apart: source.tables.no_key.key:"
                + " [...]; or, when rows are only ever inserted, say"
                + " source.tables.no_key.append_only: true",
            "Changes of public.not_full come without the old row and without unchanged large"
                + " values: ALTER TABLE public.not_full REPLICA IDENTITY FULL;",
            "Table public.unlogged is not in the write-ahead log: ALTER TABLE public.unlogged SET"
                + " LOGGED;",
            "public.seen is a view: only plain tables can be captured yet, remove it from"
                + " source.tables",
            "public.parts is a partitioned table: only plain tables can be captured yet, remove it"
                + " from source.tables",
            "Table public.missing does not exist: create it, or correct"
                + " source.tables.missing.from");
  }

  @Test
  void saysWhichRightsAreMissing() {
    // given
    String role = "reader_" + name;
    database.run(
        """
        CREATE TABLE a (id int PRIMARY KEY);
        ALTER TABLE a REPLICA IDENTITY FULL;
        ALTER TABLE a ENABLE ROW LEVEL SECURITY;
        CREATE ROLE %1$s LOGIN PASSWORD 'secret';
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        """
            .formatted(role));
    Map<String, String> as = Map.of("database.user", role, "database.password", "secret");

    // when, then
    assertThat(problems(as, "a"))
        .containsExactly(
            "User %1$s may not replicate: ALTER ROLE %1$s REPLICATION;".formatted(role),
            "User %1$s may not use schema public: GRANT USAGE ON SCHEMA public TO %1$s;"
                .formatted(role),
            "User %1$s may not read public.a: GRANT SELECT ON public.a TO %1$s;".formatted(role),
            "Row security hides rows of public.a from user %1$s: ALTER ROLE %1$s BYPASSRLS;"
                .formatted(role));

    // given
    database.run(
        """
        ALTER ROLE %1$s REPLICATION BYPASSRLS;
        GRANT USAGE ON SCHEMA public TO %1$s;
        GRANT SELECT ON public.a TO %1$s;
        """
            .formatted(role));

    // when, then
    String publication =
        "CREATE PUBLICATION %s_publication FOR TABLE public.a WITH (publish = 'insert, update,"
                .formatted(name)
            + " delete, truncate');";
    assertThat(problems(as, "a"))
        .containsExactly(
            "User %s does not own all tables, so their owner must make the publication: %s"
                .formatted(role, publication));

    // given
    database.run(publication);

    // when, then
    assertThat(problems(as, "a")).isEmpty();
  }

  @Test
  void everySqlItSaysWorks() {
    // given
    database.run(
        "CREATE TABLE a (id int PRIMARY KEY, t text); CREATE TABLE b (id int PRIMARY KEY)");
    database.run("ALTER TABLE a REPLICA IDENTITY FULL; ALTER TABLE b REPLICA IDENTITY FULL");
    PipelineFile file = RunningConnector.file(servers, database, name, Map.of(), "a", "b");
    Publication publication = CdcSettings.of(file).publication();

    for (String before :
        List.of(
            "SELECT 1",
            "DROP PUBLICATION %s_publication; CREATE PUBLICATION %s_publication FOR TABLE a",
            "DROP PUBLICATION %s_publication; CREATE PUBLICATION %s_publication FOR TABLE a, b"
                + " WITH (publish = 'insert')",
            "DROP PUBLICATION %s_publication; CREATE PUBLICATION %s_publication FOR TABLE a (id),"
                + " b WHERE (id > 1)")) {
      database.run(before.replace("%s", name));

      // when
      try (var connection = database.session()) {
        assertThat(publication.mend(connection)).isPresent();
        publication.ensure(connection);

        // then
        assertThat(publication.mend(connection)).isEmpty();
      } catch (java.sql.SQLException e) {
        throw new IllegalStateException(before, e);
      }
    }
  }

  @Test
  void saysWhyADatabaseCannotBeReached() {
    assertThat(problems(Map.of("database.port", "1"), "a"))
        .singleElement()
        .asString()
        .startsWith("PostgreSQL at 127.0.0.1:1/%s cannot be reached".formatted(name))
        .doesNotContain("\n");
    assertThat(problems(Map.of("database.dbname", "nowhere"), "a"))
        .singleElement()
        .asString()
        .contains("has no database nowhere");
    assertThat(problems(Map.of("plugin.name", "wal2json"), "a"))
        .containsExactly("source.config may not set plugin.name: remove it from the pipeline file");
  }

  @Test
  void saysThatTheServerWritesTooLittleIntoItsLog() throws Exception {
    // given
    try (EmbeddedPostgres plain =
        EmbeddedPostgres.builder().setServerConfig("wal_level", "replica").start()) {
      Map<String, String> config = new HashMap<>();
      config.put("database.port", String.valueOf(plain.getPort()));
      config.put("database.dbname", "postgres");

      // when, then
      assertThat(problems(config, "a"))
          .contains(
              "wal_level is 'replica', not 'logical': ALTER SYSTEM SET wal_level = 'logical'; then"
                  + " restart PostgreSQL");
    }
  }

  @Test
  void columnsOfADeclaredKeyMustBeThereAndNotNull() {
    // given
    database.run(
        """
        CREATE TABLE no_key (a int NOT NULL, b int);
        ALTER TABLE no_key REPLICA IDENTITY FULL;
        """);

    // when, then
    assertThat(problems(Map.of(), "no_key:a")).isEmpty();
    assertThat(problems(Map.of(), "no_key:a,b,c"))
        .containsExactly(
            "Column b of public.no_key is in its key and may be null: ALTER TABLE public.no_key"
                + " ALTER COLUMN b SET NOT NULL;",
            "Table public.no_key has no column c: correct source.tables.no_key.key");
  }
}
