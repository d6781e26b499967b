package io.millrace.cdc.binlog;

import io.millrace.cdc.SourceBlock;
import io.millrace.cdc.TableName;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/** The {@code source} block of Debezium's binlog connectors: its fields are looked up once. */
final class BinlogBlock implements SourceBlock {
  private final Field database;
  private final Field table;
  private final Field file;
  private final Field position;

  BinlogBlock(Schema source) {
    this.database = source.field("db");
    this.table = source.field("table");
    this.file = source.field("file");
    this.position = source.field("pos");
  }

  @Override
  public TableName table(Struct source) {
    return new TableName((String) source.get(database), String.valueOf(source.get(table)));
  }

  @Override
  public long position(Struct source) {
    return new BinlogPosition((String) source.get(file), (Long) source.get(position)).asNumber();
  }

  @Override
  public @Nullable Long transactionId(Struct source) {
    return null;
  }
}
