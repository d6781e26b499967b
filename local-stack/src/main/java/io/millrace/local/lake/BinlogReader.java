package io.millrace.local.lake;

import io.millrace.local.StackException;
import io.millrace.pipeline.Source;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.DateTimeUtil;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB and MySQL, both by MariaDB's driver. The server gives its values as text, so that neither
 * the driver's calendar nor a time zone touches them; it shares no code with what captures them.
 */
final class BinlogReader implements SourceReader {
  private static final String DRIVER = "driver.";
  private static final List<String> STORES = List.of("truststore", "keystore");

  private final Connection connection;

  private BinlogReader(Connection connection) {
    this.connection = connection;
  }

  static BinlogReader open(Source source) {
    Connection connection = connect(source);
    try {
      SourceReader.freeze(connection);
    } catch (SQLException e) {
      throw new StackException("the source database went away: " + e.getMessage(), e);
    }
    return new BinlogReader(connection);
  }

  /** Connects as the pipeline file says. */
  static Connection connect(Source source) {
    Map<String, String> config = source.config();
    String address =
        "%s:%s"
            .formatted(
                config.getOrDefault("database.hostname", "localhost"),
                config.getOrDefault("database.port", "3306"));
    try {
      return connect(address, config);
    } catch (SQLException e) {
      throw new StackException(
          "the source database %s does not let us in: %s".formatted(address, e.getMessage()), e);
    }
  }

  private static Connection connect(String address, Map<String, String> config)
      throws SQLException {
    String mode =
        config
            .getOrDefault("database.ssl.mode", "preferred")
            .toLowerCase(Locale.ROOT)
            .replace('_', '-');
    return switch (mode) {
      case "preferred" -> {
        try {
          yield connect(address, config, "trust");
        } catch (SQLException e) {
          yield connect(address, config, "disable");
        }
      }
      case "disabled" -> connect(address, config, "disable");
      case "required" -> connect(address, config, "trust");
      case "verify-identity" -> connect(address, config, "verify-full");
      default -> connect(address, config, mode);
    };
  }

  private static Connection connect(String address, Map<String, String> config, String encryption)
      throws SQLException {
    Properties properties = new Properties();
    config.forEach(
        (name, value) -> {
          if (name.startsWith(DRIVER)) {
            properties.put(name.substring(DRIVER.length()), value);
          }
        });
    for (String store : STORES) {
      String name = "database.ssl." + store;
      if (config.containsKey(name)) {
        String property = store.replace("store", "Store");
        properties.put(property, config.get(name));
        properties.put(property + "Password", config.getOrDefault(name + ".password", ""));
      }
    }
    properties.put("sslMode", encryption);
    properties.put("user", config.getOrDefault("database.user", "root"));
    properties.put("password", config.getOrDefault("database.password", ""));
    properties.put("sessionVariables", "sql_mode='ANSI_QUOTES'");
    return DriverManager.getConnection("jdbc:mariadb://" + address + "/", properties);
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public String expression(DuckColumn column, int jdbcType) {
    String name = column.quoted();
    return switch (column.type().typeId()) {
      case DATE -> unlessZero(name, "CAST(%s AS CHAR)".formatted(name));
      case TIMESTAMP ->
          isInstant(column)
              ? "CAST(NULLIF(UNIX_TIMESTAMP(%s), 0) * 1000000 AS SIGNED)".formatted(name)
              : unlessZero(name, "DATE_FORMAT(%s, '%%Y-%%m-%%dT%%H:%%i:%%s.%%f')".formatted(name));
      case BINARY -> "HEX(%s)".formatted(name);
      case UUID -> "CAST(%s AS CHAR)".formatted(name);
      case LONG -> jdbcType == java.sql.Types.TIME ? microseconds(name) : name + " + 0";
      // Of BIT and YEAR too.
      case BOOLEAN, INTEGER, DECIMAL -> name + " + 0";
      default -> name;
    };
  }

  /** In the lake, dates with a zero in them are null. */
  private static String unlessZero(String name, String value) {
    return "IF(YEAR(%1$s) = 0 OR MONTH(%1$s) = 0 OR DAYOFMONTH(%1$s) = 0, NULL, %2$s)"
        .formatted(name, value);
  }

  /** A TIME is a span, shorter or longer than a day. */
  private static String microseconds(String name) {
    return "TIMESTAMPDIFF(MICROSECOND, '2000-01-01', TIMESTAMP('2000-01-01', %s))".formatted(name);
  }

  @Override
  public @Nullable Object read(DuckColumn column, ResultSet row, int index) throws SQLException {
    String text = row.getString(index);
    if (text == null) {
      return null;
    }
    return switch (column.type().typeId()) {
      case INTEGER -> Integer.valueOf(text);
      case LONG -> Long.valueOf(text);
      case BOOLEAN -> !text.equals("0");
      case DECIMAL -> new BigDecimal(text).setScale(((Types.DecimalType) column.type()).scale());
      case DATE -> LocalDate.parse(text);
      case TIMESTAMP ->
          isInstant(column)
              ? DateTimeUtil.timestamptzFromMicros(Long.parseLong(text))
              : LocalDateTime.parse(text);
      case UUID -> UUID.fromString(text);
      case BINARY -> ByteBuffer.wrap(HexFormat.of().parseHex(text));
      default -> text;
    };
  }

  private static boolean isInstant(DuckColumn column) {
    return ((Types.TimestampType) column.type()).shouldAdjustToUTC();
  }
}
