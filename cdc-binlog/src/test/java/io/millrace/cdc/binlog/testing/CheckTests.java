package io.millrace.cdc.binlog.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cdc.UncapturableException;
import io.millrace.cdc.binlog.BinlogSource;
import io.millrace.pipeline.PipelineFile;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;

/** Everything that is wrong with a server is said at once, each with what mends it. */
public abstract class CheckTests {
  private static final String NAME = "shop";

  private final ServerKind kind;
  private final Wrong wrong;

  protected CheckTests(ServerKind kind, Wrong wrong) {
    this.kind = kind;
    this.wrong = wrong;
  }

  /**
   * What is wrong with a server of one kind only.
   *
   * @param options by which the server starts
   * @param statements that make it so
   * @param type a column's that only such a server has, and that is not captured
   * @param said about it
   */
  public record Wrong(
      List<String> options, List<String> statements, String type, List<String> said) {}

  @Test
  void saysAllThatIsMissing() {
    try (DatabaseServer server = kind.start(wrong.options().toArray(String[]::new))) {
      // given
      server.run(
          "CREATE DATABASE " + NAME,
          """
          CREATE TABLE shop.bad (id int, f float, g %s, big decimal(65,30),
            u varchar(9) CHARACTER SET utf16, sum int AS (id + 1) STORED, `a b` int) ENGINE=MyISAM
          """
              .formatted(wrong.type()),
          "CREATE TABLE shop.loose (a int NOT NULL, b int)",
          "CREATE VIEW shop.seen AS SELECT 1 AS one",
          "CREATE USER poor@'%' IDENTIFIED BY 'secret'",
          "GRANT SELECT ON shop.* TO poor@'%'");
      server.run(wrong.statements().toArray(String[]::new));
      PipelineFile file =
          Pipelines.file(
              kind,
              NAME,
              server,
              Map.of("database.user", "poor", "database.server.id", "1"),
              "bad",
              "seen",
              "loose:a,b,z",
              "gone");

      // then
      AbstractStringAssert<?> said =
          assertThatThrownBy(() -> new BinlogSource(kind.server(), file).capturable())
              .isInstanceOf(UncapturableException.class)
              .message();
      said.contains("binlog_format is 'MIXED', not 'ROW': SET GLOBAL binlog_format = 'ROW';")
          .contains("binlog_row_image is 'MINIMAL', not 'FULL'")
          .contains("The server itself has id 1: choose another one")
          .contains("ALTER TABLE `shop`.`bad` ENGINE=InnoDB;")
          .contains("Column f of shop.bad is float, a type that is not captured")
          .contains("Column g of shop.bad is %s, a type".formatted(wrong.type()))
          .contains("Column big of shop.bad is decimal(65,30), a type")
          .contains("Column u of shop.bad is varchar(9) in utf16, a type")
          .contains("Column sum of shop.bad is generated")
          .contains("Column a b of shop.bad has a name that cannot stand in the lake")
          .contains("ALTER TABLE `shop`.`bad` ADD PRIMARY KEY")
          .contains("source.tables.bad.key: [...]")
          .contains("Column b of shop.loose is in its key and may be null")
          .contains("Table shop.loose has no column z: correct source.tables.loose.key")
          .contains("shop.seen is a view")
          .contains("Table shop.gone does not exist")
          .doesNotContain("secret");
      said.contains(wrong.said());
    }
  }
}
