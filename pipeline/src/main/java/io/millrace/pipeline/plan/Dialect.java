package io.millrace.pipeline.plan;

import org.apache.calcite.sql.validate.SqlConformanceEnum;
import org.apache.calcite.sql.validate.SqlDelegatingConformance;

/** Standard SQL and those liberties of PostgreSQL that mean the same in Calcite. */
final class Dialect extends SqlDelegatingConformance {
  static final Dialect INSTANCE = new Dialect();

  private Dialect() {
    super(SqlConformanceEnum.DEFAULT);
  }

  @Override
  public boolean isPercentRemainderAllowed() {
    return true;
  }

  @Override
  public boolean isBangEqualAllowed() {
    return true;
  }

  @Override
  public boolean isGroupByOrdinal() {
    return true;
  }
}
