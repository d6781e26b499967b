package io.millrace.local;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole pipeline on this machine: PostgreSQL, a Kafka broker, a schema registry and the four
 * services, each a process of its own on a free loopback port. It is what {@code millrace up} holds
 * and what the system tests break.
 *
 * <p>Processes are named {@code postgres}, {@code kafka}, {@code registry}, {@code cdc-connector},
 * {@code enrichment-service}, {@code aggregation-service} and {@code sink-service}; a second
 * replica of a service, if one is launched, has {@code -2} after its name. Where the pipeline names
 * several sources, each has its {@code cdc-connector-<source>}. A lake in S3 has {@code
 * object-store} and {@code rest-catalog}. Data, logs and settings stand in the directory of the
 * settings and outlive the stack; {@link #close} ends every process, also when the JVM is told to
 * end. Thread-safe.
 */
public final class LocalStack implements AutoCloseable {
  private static final Duration READY = Duration.ofMinutes(5);

  private final StackSettings settings;
  private final Addresses addresses;
  private final Networks networks;
  private final Processes processes;
  private final Consumer<String> progress;
  private final List<Consumer<StackProcess>> deathListeners = new CopyOnWriteArrayList<>();
  private final Thread shutdown = Thread.ofPlatform().unstarted(this::stopAll);
  private volatile boolean closing;
  private volatile @Nullable Supervisor supervisor;
  private volatile @Nullable Path published;
  private volatile String pipelineName = "";

  /** A stack that is not started yet; its ports are chosen. */
  public LocalStack(StackSettings settings) {
    this(settings, line -> {});
  }

  /**
   * A stack that is not started yet; its ports are chosen.
   *
   * @param progress told what happens while it starts, a line each
   * @throws StackException if an asked port is in use or Millrace is not built
   */
  public LocalStack(StackSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
    Ports ports = Ports.choose(settings.ports());
    this.addresses = new Addresses(settings, ports);
    this.networks = settings.cuttable() ? Networks.of(ports, settings.lake()) : Networks.none();
    this.processes =
        new Processes(
            settings,
            ports,
            addresses,
            networks,
            process -> deathListeners.forEach(listener -> listener.accept(process)));
  }

  /**
   * Starts everything and waits until it serves.
   *
   * @throws StackException naming the process that did not, with the last error in its log
   */
  public void start() {
    startInfrastructure();
    startServices();
  }

  /**
   * The first half of {@link #start}: database, broker and registry, and what a lake in S3 needs.
   *
   * @throws StackException also if the pipeline's lake is not where the stack's is
   */
  public void startInfrastructure() {
    requireCatalogOfPlace();
    Runtime.getRuntime().addShutdownHook(shutdown);
    prepareDirectories();
    List<Runnable> starts = new ArrayList<>();
    starts.add(this::startDatabaseAndRegistry);
    starts.add(() -> startAndAwait(Component.KAFKA));
    if (settings.lake() == LakePlace.S3) {
      starts.add(() -> startAndAwait(Component.OBJECT_STORE));
    }
    Concurrently.run(starts);
    if (settings.lake() == LakePlace.S3) {
      startAndAwait(Component.REST_CATALOG);
    }
  }

  private void requireCatalogOfPlace() {
    if (settings.lake() == LakePlace.S3
        && !"rest".equals(pipeline().lake().catalog().get("type"))) {
      throw new StackException(
          ("the lake is to be in S3, but %s does not take the stack's catalog; let lake.catalog say"
                  + " type: ${LAKE_CATALOG_TYPE:jdbc}, uri: ${LAKE_CATALOG_URI} and warehouse:"
                  + " ${LAKE_WAREHOUSE}")
              .formatted(settings.pipelineFile()));
    }
  }

  /** The second half of {@link #start}: the four services. */
  public void startServices() {
    startServices(READY);
  }

  /**
   * The second half of {@link #start}.
   *
   * @param timeout for each service; an initial snapshot of much data needs as long as it takes
   */
  public void startServices(Duration timeout) {
    launchServices();
    Concurrently.run(
        processes.services().stream()
            .<Runnable>map(service -> () -> awaitReady(service, timeout))
            .toList());
  }

  /**
   * Starts the four services without waiting until they serve, which an initial snapshot of much
   * data puts off.
   */
  public void launchServices() {
    processes.capture(pipeline().sources());
    progress.accept("starting the services");
    processes.services().forEach(this::start);
  }

  private void startDatabaseAndRegistry() {
    startAndAwait(Component.POSTGRES);
    try {
      processes.createDatabases(List.of(Addresses.SHOP, Addresses.LAKE, Addresses.REGISTRY));
      start(processes.of(Component.REGISTRY));
      if (settings.database().isEmpty()) {
        settings.seed().load(addresses.database(Addresses.SHOP));
      }
    } catch (SQLException e) {
      throw new StackException("the embedded database cannot be filled: " + e.getMessage(), e);
    }
    awaitReady(processes.of(Component.REGISTRY), READY);
  }

  private void startAndAwait(Component component) {
    progress.accept("starting " + component.id());
    StackProcess process = processes.of(component);
    start(process);
    awaitReady(process, READY);
  }

  private void start(StackProcess process) {
    process.start();
    publish();
  }

  private void awaitReady(StackProcess process, Duration timeout) {
    process.awaitReady(timeout, progress);
    progress.accept(process.member().id() + " is ready");
  }

  /**
   * From now on starts every process again that ends unasked, also one that {@link #crash} ends:
   * after a pause that grows while it keeps dying young, until it has done so too often.
   *
   * @param told of each death and what follows from it, a line each
   */
  public void supervise(Consumer<String> told) {
    Supervisor supervising =
        new Supervisor(
            Supervisor.Patience.usual(),
            process -> {
              if (process.startAgain()) {
                publish();
              }
            },
            told);
    supervisor = supervising;
    deathListeners.add(supervising::died);
    processes.known().stream()
        .filter(process -> process.wanted() && !process.alive())
        .forEach(supervising::died);
  }

  /** Ends a process with SIGKILL, as a crash would; it stays down until it is launched. */
  public void kill(String name) {
    processes.of(name).kill();
  }

  /**
   * Ends a process with SIGKILL and leaves the rest to who supervises.
   *
   * @return whether it ran
   */
  public boolean crash(String name) {
    return processes.of(name).signal("KILL");
  }

  /**
   * Stops a process in its tracks (SIGSTOP), as a machine that is out of memory or a paused virtual
   * machine would, until {@link #thaw}.
   *
   * @return whether it ran
   */
  public boolean freeze(String name) {
    return processes.of(name).signal("STOP");
  }

  /** Lets a process go on (SIGCONT). */
  public void thaw(String name) {
    processes.of(name).signal("CONT");
  }

  /**
   * Cuts the network between a service and a process that it talks to, until {@link #mend}: the
   * broker, the registry, or PostgreSQL, which is the source for cdc-connector and the catalog for
   * sink-service; of a lake in S3 the REST catalog and, for everybody at once, the object store.
   * For stacks whose networks can be cut.
   *
   * @param silently nothing comes through, and no one hears of it; else every connection breaks,
   *     and new ones do too
   */
  public void cut(String service, String server, boolean silently) {
    TcpProxy cable = networks.between(service, server);
    if (silently) {
      cable.silence();
    } else {
      cable.reset();
    }
  }

  /** Lets a service talk to a process again. */
  public void mend(String service, String server) {
    networks.between(service, server).mend();
  }

  /**
   * Starts a process that has ended, with the same port and data, without waiting until it serves.
   * A second replica of a service is one as well: {@code sink-service-2}.
   *
   * @throws StackException if it cannot be started
   */
  public void launch(String name) {
    start(processes.of(name));
  }

  /**
   * Starts a process again, with the same port and data, and waits until it serves. One that still
   * runs is first told to end.
   */
  public void restart(String name) {
    StackProcess process = processes.of(name);
    processes.stop(List.of(process));
    start(process);
    process.awaitReady(READY, progress);
  }

  /** Tells a process to end and waits until it has. */
  public void stop(String name) {
    processes.stop(List.of(processes.of(name)));
  }

  /** Waits until every process serves; second replicas that are not started aside. */
  public void awaitReady() {
    processes.known().forEach(process -> process.awaitReady(READY, progress));
  }

  /** Whether a process serves now. */
  public boolean ready(String name) {
    return processes.of(name).ready();
  }

  /** Process id, while it runs. */
  public Optional<Long> pid(String name) {
    return processes.of(name).handle().filter(ProcessHandle::isAlive).map(ProcessHandle::pid);
  }

  /** Log of a process. */
  public Path log(String name) {
    return processes.of(name).log();
  }

  /**
   * Tells {@code listener} of each process that ends unasked: its name, and a line with its name,
   * last error and log.
   */
  public void onDeath(BiConsumer<String, String> listener) {
    deathListeners.add(process -> listener.accept(process.member().id(), process.obituary()));
  }

  /** The database that the pipeline captures. */
  public SourceDatabase source() {
    return addresses.source();
  }

  /** What the services and the pipeline file find in their environment. */
  public Map<String, String> environment() {
    return addresses.environment();
  }

  /**
   * The pipeline that runs.
   *
   * @throws io.millrace.pipeline.PipelineFileException with every error of its file
   */
  public PipelineFile pipeline() {
    return PipelineFileReader.read(settings.pipelineFile(), environment());
  }

  /** Keeps {@code endpoints.json} in a directory true until the stack is closed. */
  public void publishTo(Path workDirectory) {
    PipelineFile pipeline = pipeline();
    pipelineName = pipeline.pipeline();
    processes.capture(pipeline.sources());
    published = workDirectory;
    publish();
  }

  private synchronized void publish() {
    if (published != null && !closing) {
      endpoints().write(published);
    }
  }

  /** Where everything listens and its processes. */
  public Endpoints endpoints() {
    Map<String, String> where = new LinkedHashMap<>();
    Map<String, Endpoints.ProcessId> pids = new LinkedHashMap<>();
    pids.put(Endpoints.SUPERVISOR, Endpoints.ProcessId.of(ProcessHandle.current()));
    for (StackProcess process : processes.known()) {
      String name = process.member().id();
      where.put(name, addresses.of(process.member()));
      process.handle().ifPresent(handle -> pids.put(name, Endpoints.ProcessId.of(handle)));
    }
    where.put("source", source().url());
    where.put("lake-catalog", addresses.lakeCatalog());
    where.put("warehouse", environment().get("LAKE_WAREHOUSE"));
    Map<String, String> environment = new TreeMap<>(environment());
    environment.keySet().removeIf(name -> name.contains("PASSWORD"));
    return new Endpoints(
        settings.directory().toString(),
        settings.pipelineFile().toString(),
        pipelineName,
        where,
        pids,
        environment);
  }

  /** Where a process listens, as a client needs it. */
  public String address(String name) {
    return addresses.of(Member.of(name));
  }

  /** Ends every process, the ones that depend on others first. */
  @Override
  public void close() {
    stopAll();
    try {
      Runtime.getRuntime().removeShutdownHook(shutdown);
    } catch (IllegalStateException e) {
      // the JVM is going down and this hook with it
    }
  }

  private synchronized void stopAll() {
    if (!closing && processes.alive()) {
      progress.accept("stopping everything");
    }
    closing = true;
    if (supervisor != null) {
      supervisor.close();
    }
    processes.stopAll();
    networks.close();
    if (published != null) {
      Endpoints.delete(published);
    }
  }

  private void prepareDirectories() {
    try {
      for (String name : List.of("logs", "kafka", "state", "warehouse")) {
        Files.createDirectories(settings.directory().resolve(name));
      }
      if (settings.lake() == LakePlace.S3) {
        // a directory of the store is a bucket
        Files.createDirectories(settings.directory().resolve("warehouse").resolve(Addresses.LAKE));
      }
    } catch (IOException e) {
      throw new StackException("cannot write to " + settings.directory() + ": " + e, e);
    }
  }
}
