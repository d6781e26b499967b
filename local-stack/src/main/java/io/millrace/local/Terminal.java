package io.millrace.local;

import java.io.PrintStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Where a command speaks: lines, and one live line that is replaced as long as it changes. */
final class Terminal {
  private static final Duration PLAIN_INTERVAL = Duration.ofSeconds(5);

  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private int liveWidth;
  private @Nullable Long nextPlainLine;
  private volatile boolean ending;

  Terminal(PrintStream out, PrintStream err, boolean interactive) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
  }

  /**
   * The process's own, which falls silent about failures once the process is told to end. The
   * launcher says whether it is a terminal.
   */
  static Terminal system() {
    Terminal terminal =
        new Terminal(System.out, System.err, Boolean.getBoolean("millrace.terminal"));
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> terminal.end()));
    return terminal;
  }

  PrintStream out() {
    return out;
  }

  /** A line of progress or result. */
  synchronized void line(String text) {
    clearLive();
    out.println(text);
    out.flush();
  }

  /** Replaces the live line; without a terminal, prints it every few seconds. */
  synchronized void live(String text) {
    if (interactive) {
      out.print("\r" + text + " ".repeat(Math.max(0, liveWidth - text.length())));
      out.flush();
      liveWidth = text.length();
    } else if (nextPlainLine == null || System.nanoTime() - nextPlainLine >= 0) {
      out.println(text);
      nextPlainLine = System.nanoTime() + PLAIN_INTERVAL.toNanos();
    }
  }

  /** The same for those who look on: nothing where the output goes elsewhere. */
  synchronized void liveIfSeen(String text) {
    if (interactive) {
      live(text);
    }
  }

  /** Leaves the live line where it is. */
  synchronized void endLive() {
    if (liveWidth > 0) {
      out.println();
      liveWidth = 0;
    }
    nextPlainLine = null;
  }

  /** What went wrong, for the user; nothing once the process is ending, when everything fails. */
  synchronized void error(String message) {
    if (!ending) {
      endLive();
      out.flush();
      err.println("millrace: " + message);
    }
  }

  synchronized void stackTrace(Throwable failure) {
    if (!ending) {
      failure.printStackTrace(err);
    }
  }

  private void end() {
    ending = true;
  }

  private void clearLive() {
    if (liveWidth > 0) {
      out.print("\r" + " ".repeat(liveWidth) + "\r");
      liveWidth = 0;
    }
  }
}
