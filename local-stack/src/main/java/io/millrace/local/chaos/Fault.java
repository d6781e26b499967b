package io.millrace.local.chaos;

import java.time.Duration;
import java.util.List;

/** One thing that goes wrong, from its cause to the end of that. */
sealed interface Fault {
  /** Its kind and whom it meets, under which it is counted. */
  String name();

  /** All of it, as it is told and compared. */
  default String description() {
    return name();
  }

  /** A process ends with SIGKILL; who supervises starts it again. */
  record Crash(String process) implements Fault {
    @Override
    public String name() {
      return "kill -9 " + process;
    }
  }

  /** Processes end with SIGKILL at the same time, and stay away for a while. */
  record Kill(List<String> processes, Duration away) implements Fault {
    @Override
    public String name() {
      return "kill -9 " + String.join(" and ", processes);
    }

    @Override
    public String description() {
      return name() + " for " + millis(away);
    }
  }

  /** A process is told to end, and started when it has. */
  record Restart(String process) implements Fault {
    @Override
    public String name() {
      return "restart " + process;
    }
  }

  /** A process stops in its tracks and goes on later: a zombie, if others have taken over. */
  record Freeze(String process, Duration time) implements Fault {
    @Override
    public String name() {
      return "freeze " + process;
    }

    @Override
    public String description() {
      return name() + " for " + millis(time);
    }
  }

  /**
   * A second replica of a service comes, and goes again.
   *
   * @param killed whether it goes with SIGKILL, not SIGTERM
   */
  record Join(String service, Duration stay, boolean killed) implements Fault {
    @Override
    public String name() {
      return "second %s joins and leaves by %s".formatted(service, killed ? "kill -9" : "SIGTERM");
    }

    @Override
    public String description() {
      return name() + " after " + millis(stay);
    }
  }

  /**
   * The network between two processes is cut.
   *
   * @param silently nothing comes through; else connections are reset
   */
  record Cut(String service, String server, boolean silently, Duration time) implements Fault {
    @Override
    public String name() {
      return "%s between %s and %s".formatted(silently ? "silence" : "resets", service, server);
    }

    @Override
    public String description() {
      return name() + " for " + millis(time);
    }
  }

  /**
   * A file system of the stack has no space left.
   *
   * @param crash whether the process that writes there ends with SIGKILL then, and finds it full
   */
  record Fill(String disk, boolean crash, Duration time) implements Fault {
    @Override
    public String name() {
      return "full disk " + disk + (crash ? " and kill -9 " + writer() : "");
    }

    @Override
    public String description() {
      return name() + " for " + millis(time);
    }

    /** The process that writes there. */
    String writer() {
      return disk.startsWith(SmallDisks.STATE)
          ? disk.substring(SmallDisks.STATE.length())
          : "sink-service";
    }
  }

  private static String millis(Duration time) {
    return time.toMillis() + " ms";
  }
}
