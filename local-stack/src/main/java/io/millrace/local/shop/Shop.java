package io.millrace.local.shop;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** The shop's database schema and its pipeline file. */
public final class Shop {
  private Shop() {}

  /** Creates the shop's tables, unless they are there. */
  public static void createTables(String jdbcUrl) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      boolean exists;
      try (var found = statement.executeQuery("SELECT to_regclass('public.orders') IS NOT NULL")) {
        found.next();
        exists = found.getBoolean(1);
      }
      if (!exists) {
        statement.execute(resource("/shop/schema.sql"));
      }
    }
  }

  /** Writes the shop's pipeline file to {@code file}, replacing it. */
  public static Path writePipelineFile(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.writeString(file, resource("/shop/pipeline.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = Objects.requireNonNull(Shop.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
