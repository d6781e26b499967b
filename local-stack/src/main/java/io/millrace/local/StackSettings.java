package io.millrace.local;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a stack runs and where.
 *
 * @param directory of everything the stack writes; what stands there from an earlier run is
 *     continued
 * @param pipelineFile the pipeline to run
 * @param database the database to capture; empty for the embedded one
 * @param ports asked ports by process name; the others are free ones
 * @param environment of the services, over what the stack sets itself
 * @param jvmOptions further JVM options by process name
 * @param broker further settings of the broker, over its own; lists of listeners are continued
 * @param cuttable whether networks can be cut, at the price of a proxy in each
 * @param lake where the lake is
 * @param seed brings the embedded database to where the pipeline finds it
 */
public record StackSettings(
    Path directory,
    Path pipelineFile,
    Optional<SourceDatabase> database,
    Map<String, Integer> ports,
    Map<String, String> environment,
    Map<String, List<String>> jvmOptions,
    Map<String, String> broker,
    boolean cuttable,
    LakePlace lake,
    Seed seed) {
  /** Fills the embedded database before any service starts. */
  @FunctionalInterface
  public interface Seed {
    /**
     * Does it.
     *
     * @param jdbcUrl of the shop database, user included
     */
    void load(String jdbcUrl) throws SQLException;
  }

  /** Keeps copies, and the paths absolute. */
  public StackSettings {
    directory = directory.toAbsolutePath().normalize();
    pipelineFile = pipelineFile.toAbsolutePath().normalize();
    ports = Map.copyOf(ports);
    environment = Map.copyOf(environment);
    jvmOptions = Map.copyOf(jvmOptions);
    broker = Map.copyOf(broker);
  }

  /** A stack on the embedded database, which stays as it is found. */
  public StackSettings(Path directory, Path pipelineFile) {
    this(
        directory,
        pipelineFile,
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        false,
        LakePlace.DISK,
        url -> {});
  }

  /** The same stack over the user's database. */
  public StackSettings withDatabase(SourceDatabase captured) {
    return new StackSettings(
        directory,
        pipelineFile,
        Optional.of(captured),
        ports,
        environment,
        jvmOptions,
        broker,
        cuttable,
        lake,
        seed);
  }

  /** The same stack with asked ports. */
  public StackSettings withPorts(Map<String, Integer> asked) {
    return new StackSettings(
        directory,
        pipelineFile,
        database,
        asked,
        environment,
        jvmOptions,
        broker,
        cuttable,
        lake,
        seed);
  }

  /** The same stack with one more environment variable for its services. */
  public StackSettings withEnvironment(String name, String value) {
    Map<String, String> more = new HashMap<>(environment);
    more.put(name, value);
    return new StackSettings(
        directory, pipelineFile, database, ports, more, jvmOptions, broker, cuttable, lake, seed);
  }

  /** The same stack with further JVM options for one process. */
  public StackSettings withJvmOptions(String process, String... options) {
    Map<String, List<String>> more = new HashMap<>(jvmOptions);
    more.put(process, List.of(options));
    return new StackSettings(
        directory, pipelineFile, database, ports, environment, more, broker, cuttable, lake, seed);
  }

  /** The same stack with further settings of its broker. */
  public StackSettings withBroker(Map<String, String> further) {
    return new StackSettings(
        directory,
        pipelineFile,
        database,
        ports,
        environment,
        jvmOptions,
        further,
        cuttable,
        lake,
        seed);
  }

  /** The same stack with its embedded database filled by {@code loader}. */
  public StackSettings withSeed(Seed loader) {
    return new StackSettings(
        directory,
        pipelineFile,
        database,
        ports,
        environment,
        jvmOptions,
        broker,
        cuttable,
        lake,
        loader);
  }

  /** The same stack with networks between services and servers that can be cut. */
  public StackSettings withCuttableNetworks() {
    return new StackSettings(
        directory,
        pipelineFile,
        database,
        ports,
        environment,
        jvmOptions,
        broker,
        true,
        lake,
        seed);
  }

  /** The same stack with its lake at a place. */
  public StackSettings withLake(LakePlace place) {
    return new StackSettings(
        directory,
        pipelineFile,
        database,
        ports,
        environment,
        jvmOptions,
        broker,
        cuttable,
        place,
        seed);
  }
}
