package io.millrace.local.chaos;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** The column types that a random table is made of, each with random values, its edges often. */
enum ValueType {
  SMALLINT("smallint", List.of("-32768", "-1", "0", "32767")) {
    @Override
    String any(RandomGenerator random) {
      return String.valueOf(random.nextInt(-1000, 1000));
    }
  },
  INTEGER("integer", List.of("0", "-1", "1000000")) {
    @Override
    String any(RandomGenerator random) {
      return String.valueOf(random.nextInt(-1_000_000, 1_000_000));
    }
  },
  BIGINT("bigint", List.of("-9223372036854775808", "0", "9223372036854775807")) {
    @Override
    String any(RandomGenerator random) {
      return String.valueOf(random.nextLong());
    }
  },
  MONEY("numeric(12, 2)", List.of("0.00", "-0.01", "9999999999.99", "-9999999999.99")) {
    @Override
    String any(RandomGenerator random) {
      return BigDecimal.valueOf(random.nextLong(-1_000_000, 1_000_000), 2).toPlainString();
    }
  },
  BIG_MONEY("numeric(24, 2)", List.of("0.00", "9999999999999999999999.99")) {
    @Override
    String any(RandomGenerator random) {
      return BigDecimal.valueOf(random.nextLong(), 2).toPlainString();
    }
  },
  LONG_DECIMAL(
      "numeric(38, 10)", List.of("0.0000000001", "-9999999999999999999999999999.9999999999")) {
    @Override
    String any(RandomGenerator random) {
      byte[] digits = new byte[14];
      random.nextBytes(digits);
      return new BigDecimal(new BigInteger(digits), 10).toPlainString();
    }
  },
  BOOLEAN("boolean", List.of("true", "false")) {
    @Override
    String any(RandomGenerator random) {
      return String.valueOf(random.nextBoolean());
    }
  },
  /** A text of few values: what views group by and filter on. */
  CATEGORY("varchar(20)", List.of("north", "süd")) {
    @Override
    String any(RandomGenerator random) {
      return CATEGORIES.get(random.nextInt(CATEGORIES.size()));
    }
  },
  TEXT("text", List.of("", " ", "'\"\\\n\t", "żółć", "日本語", "😀 e\u0301", "null")) {
    @Override
    String any(RandomGenerator random) {
      return "text " + Long.toString(random.nextLong(), Character.MAX_RADIX);
    }
  },
  /** Too wide, and too random, to stand in its row: PostgreSQL keeps it aside (TOAST). */
  WIDE("text", List.of()) {
    @Override
    String any(RandomGenerator random) {
      byte[] bytes = new byte[random.nextInt(1_500, 6_000)];
      random.nextBytes(bytes);
      return HexFormat.of().formatHex(bytes);
    }
  },
  /** Within three hours, so that windows hold several rows. */
  MOMENT("timestamptz", List.of("2026-01-01 00:00:00+00", "2026-01-01 02:59:59.999999+00")) {
    @Override
    String any(RandomGenerator random) {
      return START.plusSeconds(random.nextInt(3 * 60 * 60)) + "+00";
    }
  },
  INSTANT(
      "timestamptz",
      List.of(
          "0001-01-01 00:00:00+00", "1969-12-31 23:59:59.999999+00", "9999-12-31 23:59:59+14")) {
    @Override
    String any(RandomGenerator random) {
      return time(random) + "+05:45";
    }
  },
  TIMESTAMP(
      "timestamp",
      List.of("0001-01-01 00:00:00", "1582-10-10 12:00:00", "9999-12-31 23:59:59.999999")) {
    @Override
    String any(RandomGenerator random) {
      return time(random).toString();
    }
  },
  DATE("date", List.of("0001-01-01", "1582-10-10", "1969-12-31", "2024-02-29", "9999-12-31")) {
    @Override
    String any(RandomGenerator random) {
      return LocalDate.of(1900, 1, 1).plusDays(random.nextInt(60_000)).toString();
    }
  },
  UUID("uuid", List.of("00000000-0000-0000-0000-000000000000")) {
    @Override
    String any(RandomGenerator random) {
      return new UUID(random.nextLong(), random.nextLong()).toString();
    }
  },
  JSONB("jsonb", List.of("null", "{}", "[]", "\"\"", "1e300")) {
    @Override
    String any(RandomGenerator random) {
      return "{\"n\": %d, \"ü\": [1, null, {\"deep\": \"%s\"}]}"
          .formatted(random.nextInt(), TEXT.any(random));
    }
  },
  BYTEA("bytea", List.of("\\x", "\\x00ff")) {
    @Override
    String any(RandomGenerator random) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      return "\\x" + HexFormat.of().formatHex(bytes);
    }
  };

  private static final List<String> CATEGORIES = List.of("north", "süd", "east", "west", "");
  private static final LocalDateTime START = LocalDateTime.of(2026, 1, 1, 0, 0);
  private static final int EDGE_ONE_IN = 12;

  private final String sql;

  // Each is a List.of.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> edges;

  ValueType(String sql, List<String> edges) {
    this.sql = sql;
    this.edges = edges;
  }

  /** The type in PostgreSQL. */
  String sql() {
    return sql;
  }

  /** A value as PostgreSQL reads it from text. */
  String value(RandomGenerator random) {
    return !edges.isEmpty() && random.nextInt(EDGE_ONE_IN) == 0
        ? edges.get(random.nextInt(edges.size()))
        : any(random);
  }

  abstract String any(RandomGenerator random);

  private static LocalDateTime time(RandomGenerator random) {
    return LocalDateTime.of(1950, 1, 1, 0, 0)
        .plusSeconds(random.nextLong(4_000_000_000L))
        .plusNanos(random.nextInt(1_000_000) * 1_000L);
  }
}
