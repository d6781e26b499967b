package io.millrace.independent;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Reads lake tables with Spark's own Iceberg reader, reads the source with Spark's own JDBC reader,
 * and counts the rows that only one side has.
 *
 * <p>Arguments: catalog name, its type ({@code jdbc} or {@code rest}), its URL, its user,
 * warehouse, source JDBC URL, file of comparisons, file to write. A comparison is a line {@code
 * name<TAB>SQL on the lake<TAB>SQL on the source}; an outcome is a line {@code name<TAB>lake
 * rows<TAB>source rows<TAB>only in lake<TAB>only in source}. Passwords come from the environment:
 * {@code CATALOG_PASSWORD}, {@code SOURCE_PASSWORD}.
 */
public final class CompareLake {
  private final SparkSession spark;
  private final String sourceUrl;

  private CompareLake(SparkSession spark, String sourceUrl) {
    this.spark = spark;
    this.sourceUrl = sourceUrl;
  }

  public static void main(String[] args) throws Exception {
    String prefix = "spark.sql.catalog." + args[0];
    SparkSession spark =
        SparkSession.builder()
            .appName("independent-reader")
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.sql.defaultCatalog", args[0])
            .config(prefix, "org.apache.iceberg.spark.SparkCatalog")
            .config(prefix + ".type", args[1])
            .config(prefix + ".uri", args[2])
            .config(prefix + ".jdbc.user", args[3])
            .config(prefix + ".jdbc.password", password("CATALOG_PASSWORD"))
            .config(prefix + ".warehouse", args[4])
            .getOrCreate();
    try (spark) {
      CompareLake compare = new CompareLake(spark, args[5]);
      List<String> outcomes = new ArrayList<>();
      for (String line : Files.readAllLines(Path.of(args[6]))) {
        String[] comparison = line.split("\t", 3);
        outcomes.add(compare.outcome(comparison[0], comparison[1], comparison[2]));
      }
      Files.write(Path.of(args[7]), outcomes);
    }
  }

  private String outcome(String name, String lakeSql, String sourceSql) {
    Dataset<Row> lake = spark.sql(lakeSql).cache();
    Dataset<Row> source = castTo(lake.schema(), source(sourceSql)).cache();
    return String.join(
        "\t",
        name,
        Long.toString(lake.count()),
        Long.toString(source.count()),
        Long.toString(lake.exceptAll(source).count()),
        Long.toString(source.exceptAll(lake).count()));
  }

  private Dataset<Row> source(String sql) {
    return spark
        .read()
        .format("jdbc")
        .option("url", sourceUrl)
        .option("password", password("SOURCE_PASSWORD"))
        .option("driver", "org.postgresql.Driver")
        .option("query", sql)
        .load();
  }

  private static Dataset<Row> castTo(StructType types, Dataset<Row> rows) {
    Column[] columns = new Column[types.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] =
          functions
              .col(rows.columns()[i])
              .cast(types.apply(i).dataType())
              .as(types.apply(i).name());
    }
    return rows.select(columns);
  }

  private static String password(String variable) {
    return System.getenv().getOrDefault(variable, "");
  }
}
