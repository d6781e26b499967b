package io.millrace.benchmarks.measure;

import org.apache.iceberg.IcebergBuild;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * What ran.
 *
 * @param millrace commit of the sources, when the build stands in a Git work tree
 */
public record Versions(String millrace, String java, String kafka, String iceberg) {
  /** Of this class path. */
  public static Versions here() {
    return new Versions(
        System.getProperty("millrace.commit", "unknown"),
        Runtime.version().toString(),
        AppInfoParser.getVersion(),
        IcebergBuild.version());
  }
}
