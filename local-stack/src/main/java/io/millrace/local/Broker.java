package io.millrace.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.Kafka;
import kafka.tools.StorageTool;

/**
 * The broker's program: formats its storage when that is new, then runs Kafka. One JVM does both,
 * because starting a second one takes longer than the formatting.
 */
public final class Broker {
  private Broker() {}

  /**
   * Runs a broker until it is told to stop.
   *
   * @param args path of its properties file, and the cluster id to format new storage with
   */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    if (!Files.exists(Path.of(properties.getProperty("log.dirs"), "meta.properties"))) {
      String[] format = {"format", "--config", file.toString(), "--cluster-id", args[1]};
      int status = StorageTool.execute(format, new PrintStream(System.out, true));
      if (status != 0) {
        System.exit(status);
      }
    }
    Kafka.main(new String[] {file.toString()});
  }
}
