package io.millrace.local;

import java.util.ArrayList;
import java.util.List;

/** The command line of one of the stack's JVMs: small, and ending on what it cannot survive. */
final class Jvm {
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
    command.addAll(further);
    command.addAll(program);
    return command;
  }
}
