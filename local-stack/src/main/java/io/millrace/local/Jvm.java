package io.millrace.local;

import java.util.ArrayList;
import java.util.List;

/** The command line of one of the stack's JVMs: small, and ending on what it cannot survive. */
final class Jvm {
  /**
   * Further options of all of them, with blanks between; the last of two that contradict counts.
   */
  private static final String OPTIONS = "MILLRACE_JVM_OPTIONS";

  private Jvm() {}

  static List<String> command(
      Installation installation, Member member, List<String> further, List<String> program) {
    List<String> command = new ArrayList<>();
    command.add(installation.java().toString());
    command.addAll(
        List.of(
            "-Xms32m",
            "-Xmx" + member.component().heapMebibytes() + "m",
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-XX:ReservedCodeCacheSize=96m",
            "-XX:MaxDirectMemorySize=96m",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "-Xss512k",
            "-Duser.timezone=UTC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dmillrace.process=" + member.id()));
    String options = System.getenv().getOrDefault(OPTIONS, "").strip();
    if (!options.isEmpty()) {
      command.addAll(List.of(options.split("\\s+", -1)));
    }
    command.addAll(further);
    command.addAll(program);
    return command;
  }
}
