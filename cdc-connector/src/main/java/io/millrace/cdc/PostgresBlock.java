package io.millrace.cdc;

import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The {@code source} block of Debezium's PostgreSQL connector: its fields are looked up once. */
final class PostgresBlock implements SourceBlock {
  private final Field schema;
  private final Field table;
  private final Field lsn;
  private final Field transactionId;

  PostgresBlock(Schema source) {
    this.schema = source.field("schema");
    this.table = source.field("table");
    this.lsn = source.field("lsn");
    this.transactionId = source.field("txId");
  }

  @Override
  public TableName table(Struct source) {
    return new TableName((String) source.get(schema), (String) source.get(table));
  }

  @Override
  public long position(Struct source) {
    return (Long) source.get(lsn);
  }

  @Override
  public @Nullable Long transactionId(Struct source) {
    return (Long) source.get(transactionId);
  }
}
