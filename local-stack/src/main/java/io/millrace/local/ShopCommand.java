package io.millrace.local;

import io.millrace.local.shop.Pace;
import io.millrace.local.shop.Shop;
import io.millrace.local.shop.ShopSimulator;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace shop}. */
@Command(
    name = "shop",
    mixinStandardHelpOptions = true,
    description = {
      "Lets the example shop live in a PostgreSQL database: sign-ups, price changes, orders,"
          + " payments, cancellations, returns, deletions, page views.",
      "Its tables are created if they are not there; a shop that was open before goes on."
    },
    footer = {"", "The password comes from the environment variable PGPASSWORD."},
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:the time is over", "1:the database failed"})
final class ShopCommand implements Callable<Integer> {
  private static final long SEED = 1;

  private final Terminal terminal;

  @Option(
      names = "--database",
      required = true,
      paramLabel = "JDBC-URL",
      description = "The database: jdbc:postgresql://host:port/database?user=NAME.")
  private String database = "";

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long the shop lives (default: until it is told to end).")
  private @Nullable Integer seconds;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "100",
      description = "Changes a second, 0 for flat out (default: ${DEFAULT-VALUE}).")
  private double rate;

  ShopCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    SourceDatabase shop = SourceDatabase.of(database, System.getenv());
    ShopSimulator simulator = new ShopSimulator(SEED);
    long start = System.nanoTime();
    Duration limit =
        seconds == null ? Duration.ofNanos(Long.MAX_VALUE) : Duration.ofSeconds(seconds);
    try {
      Shop.createTables(shop.urlWithPassword());
      terminal.line("the shop in %s is open".formatted(shop));
      simulator.run(
          shop.urlWithPassword(),
          rate > 0 ? Pace.of(rate) : Pace.flatOut(),
          () -> System.nanoTime() - start >= limit.toNanos());
    } catch (SQLException e) {
      throw new StackException(
          "the shop in %s cannot go on: %s".formatted(shop, e.getMessage()), e);
    }
    terminal.line(
        "the shop is closed: %,d changes in %,d transactions"
            .formatted(simulator.progress().changes(), simulator.progress().transactions()));
    return 0;
  }
}
