package io.millrace.cdc.mysql;

import io.millrace.cdc.binlog.BinlogValues;

/**
 * MySQL's values: its log has JSON in a binary form.
 *
 * <p>Public because Debezium instantiates it by name.
 */
public final class MySqlValues extends BinlogValues {
  /** For Debezium. */
  public MySqlValues() {}

  @Override
  protected String json(byte[] logged) {
    return MySqlJson.text(logged);
  }
}
