package io.millrace.pipeline.plan;

import io.millrace.schemas.Row;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Reads what PostgreSQL answers as the rows that a stage would have. */
final class PostgresRows {
  private static final LocalDateTime EPOCH = LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);

  private PostgresRows() {}

  /** Rows of a query whose columns are those of {@code row}, before the metadata. */
  static List<Row> query(Connection connection, String sql, Schema row) throws SQLException {
    List<Row> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = row.getFields().size() - 2;
      if (result.getMetaData().getColumnCount() != columns) {
        throw new AssertionError("not as many columns as the view has: " + sql);
      }
      while (result.next()) {
        @Nullable Object[] values = new @Nullable Object[columns + 2];
        for (int i = 0; i < columns; i++) {
          values[i] = value(result, i + 1, row.getFields().get(i).schema());
        }
        values[columns] = 0L;
        values[columns + 1] = "0";
        rows.add(new Row(row, values));
      }
    }
    return rows;
  }

  private static @Nullable Object value(ResultSet result, int column, Schema schema)
      throws SQLException {
    if (result.getObject(column) == null) {
      return null;
    }
    Schema type = schema.isNullable() ? schema.getTypes().get(1) : schema;
    LogicalType logical = type.getLogicalType();
    return switch (type.getType()) {
      case INT ->
          logical instanceof LogicalTypes.Date
              ? (Object) Math.toIntExact(result.getObject(column, LocalDate.class).toEpochDay())
              : (Object) result.getInt(column);
      case LONG ->
          switch (logical) {
            case LogicalTypes.TimestampMicros micros ->
                ChronoUnit.MICROS.between(
                    EPOCH,
                    result
                        .getObject(column, OffsetDateTime.class)
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toLocalDateTime());
            case LogicalTypes.LocalTimestampMicros micros ->
                ChronoUnit.MICROS.between(EPOCH, result.getObject(column, LocalDateTime.class));
            case null, default -> result.getLong(column);
          };
      case BOOLEAN -> result.getBoolean(column);
      case STRING -> result.getString(column);
      case BYTES ->
          logical instanceof LogicalTypes.Decimal decimal
              ? decimal(result.getBigDecimal(column), decimal)
              : ByteBuffer.wrap(result.getBytes(column));
      default -> throw new IllegalArgumentException(type.toString());
    };
  }

  /**
   * With the column's scale, where the value has it: PostgreSQL's expressions have no fixed one.
   */
  private static BigDecimal decimal(BigDecimal value, LogicalTypes.Decimal type) {
    return value.stripTrailingZeros().scale() <= type.getScale()
        ? value.setScale(type.getScale())
        : value;
  }
}
