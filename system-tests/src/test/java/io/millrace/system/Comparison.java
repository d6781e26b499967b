package io.millrace.system;

/**
 * Two queries whose results must be the same.
 *
 * @param name of the comparison, for messages
 * @param lakeSql Spark SQL over the lake
 * @param sourceSql PostgreSQL over the source; its columns are cast to the lake's types by position
 */
record Comparison(String name, String lakeSql, String sourceSql) {
  /**
   * The outcome.
   *
   * @param onlyInLake rows that only the lake's result has, duplicates counted
   * @param onlyInSource rows that only the source's result has, duplicates counted
   */
  record Outcome(String name, long lakeRows, long sourceRows, long onlyInLake, long onlyInSource) {
    static Outcome parse(String line) {
      String[] fields = line.split("\t", -1);
      return new Outcome(
          fields[0],
          Long.parseLong(fields[1]),
          Long.parseLong(fields[2]),
          Long.parseLong(fields[3]),
          Long.parseLong(fields[4]));
    }

    boolean equal() {
      return onlyInLake == 0 && onlyInSource == 0;
    }
  }

  String line() {
    return String.join("\t", name, oneLine(lakeSql), oneLine(sourceSql));
  }

  private static String oneLine(String sql) {
    return sql.strip().replaceAll("\\s+", " ");
  }
}
