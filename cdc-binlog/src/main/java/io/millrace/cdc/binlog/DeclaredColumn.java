package io.millrace.cdc.binlog;

import io.debezium.document.Array;
import io.debezium.document.Document;
import io.debezium.document.Value;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A column as a statement of the schema history declares it. */
record DeclaredColumn(Document column) {
  private int number(String name) {
    @Nullable Integer number = column.getInteger(name);
    return number == null ? 0 : number;
  }

  private String text(String name) {
    @Nullable String text = column.getString(name);
    return text == null ? "" : text;
  }

  private Optional<BinlogType> type() {
    return BinlogType.of(text("typeName"), number("length"), number("scale"), text("charsetName"));
  }

  private List<String> options() {
    @Nullable Array options = column.getArray("enumValues");
    return options == null ? List.of() : options.streamValues().map(Value::asString).toList();
  }

  /** Whether the column {@code now} surely has the values of this one, as they were. */
  boolean keepsValuesAs(DeclaredColumn now) {
    Optional<BinlogType> before = type();
    Optional<BinlogType> after = now.type();
    return before.isPresent()
        && after.isPresent()
        && (now.isOptional() || !isOptional())
        && before.get().form() == after.get().form()
        && before.get().charset().equals(after.get().charset())
        && switch (before.get().form()) {
          case INTEGER ->
              before.get().unsigned() == after.get().unsigned()
                  && before.get().length() <= after.get().length();
          case DECIMAL ->
              before.get().scale() == after.get().scale()
                  && before.get().length() <= after.get().length();
          case BIT -> before.get().length() <= after.get().length();
          case BINARY -> before.get().length() == after.get().length();
          case ENUM, SET -> !options().isEmpty() && now.options().containsAll(options());
          case TEXT, BYTES, DATETIME, TIMESTAMP, TIME ->
              Objects.equals(text("typeName"), now.text("typeName"))
                  && number("length") <= now.number("length");
          case DATE, YEAR, JSON, UUID -> true;
        };
  }

  private boolean isOptional() {
    return Boolean.TRUE.equals(column.getBoolean("optional"));
  }
}
