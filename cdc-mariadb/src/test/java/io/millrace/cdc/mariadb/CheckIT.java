package io.millrace.cdc.mariadb;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cdc.UncapturableException;
import io.millrace.cdc.binlog.BinlogSource;
import io.millrace.pipeline.PipelineFile;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Everything that is wrong with a server is said at once, each with what mends it. */
class CheckIT {
  private static final String NAME = "shop";

  @Test
  void saysAllThatIsMissing() {
    try (MariaDb server =
        MariaDb.start("--binlog-format=MIXED", "--binlog-row-image=MINIMAL", "--sql-mode=")) {
      // given
      server.run(
          "CREATE DATABASE " + NAME,
          "SET GLOBAL log_bin_compress = ON",
          """
          CREATE TABLE shop.bad (id int, f float, g inet6, big decimal(65,30),
            u varchar(9) CHARACTER SET utf16, sum int AS (id + 1) STORED, `a b` int) ENGINE=MyISAM
          """,
          "CREATE VIEW shop.seen AS SELECT 1 AS one",
          "CREATE USER poor@'%' IDENTIFIED BY 'secret'",
          "GRANT SELECT ON shop.* TO poor@'%'");
      PipelineFile file =
          Pipelines.file(
              NAME,
              server,
              Map.of("database.user", "poor", "database.server.id", "1"),
              "bad",
              "seen",
              "gone");

      // then
      assertThatThrownBy(() -> new BinlogSource(new MariaDbServer(), file).capturable())
          .isInstanceOf(UncapturableException.class)
          .message()
          .contains("binlog_format is 'MIXED', not 'ROW': SET GLOBAL binlog_format = 'ROW';")
          .contains("binlog_row_image is 'MINIMAL', not 'FULL'")
          .contains("The server itself has id 1: choose another one")
          .contains("GRANT RELOAD, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO 'poor'@'%'")
          .contains("SET GLOBAL log_bin_compress = OFF")
          .contains("ALTER TABLE `shop`.`bad` ENGINE=InnoDB;")
          .contains("Column f of shop.bad is float, a type that is not captured")
          .contains("Column g of shop.bad is inet6, a type")
          .contains("Column big of shop.bad is decimal(65,30), a type")
          .contains("Column u of shop.bad is varchar(9) in utf16, a type")
          .contains("Column sum of shop.bad is generated")
          .contains("Column a b of shop.bad has a name that cannot stand in the lake")
          .contains("ALTER TABLE `shop`.`bad` ADD PRIMARY KEY")
          .contains("shop.seen is a view")
          .contains("Table shop.gone does not exist")
          .doesNotContain("secret");
    }
  }
}
