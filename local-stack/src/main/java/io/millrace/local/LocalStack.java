package io.millrace.local;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole pipeline on this machine: PostgreSQL, a Kafka broker, a schema registry and the four
 * services, each a process of its own on a free loopback port. It is what {@code millrace up} holds
 * and what the system tests break.
 *
 * <p>Processes are named {@code postgres}, {@code kafka}, {@code registry}, {@code cdc-connector},
 * {@code enrichment-service}, {@code aggregation-service} and {@code sink-service}. Data, logs and
 * settings stand in the directory of the settings and outlive the stack; {@link #close} ends every
 * process, also when the JVM is told to end. Thread-safe.
 */
public final class LocalStack implements AutoCloseable {
  private static final Duration READY = Duration.ofMinutes(5);
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final String SHOP = "shop";
  private static final String LAKE = "lake";
  private static final String REGISTRY = "registry";

  private final StackSettings settings;
  private final Installation installation;
  private final Ports ports;
  private final EmbeddedDatabase database;
  private final Consumer<String> progress;
  private final Spawner spawner = new Spawner();
  private final Map<Component, StackProcess> processes = new EnumMap<>(Component.class);
  private final List<Consumer<String>> deathListeners = new CopyOnWriteArrayList<>();
  private final Thread shutdown = Thread.ofPlatform().unstarted(this::stopAll);
  private volatile boolean closing;
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
    this.installation = Installation.find();
    this.ports = Ports.choose(settings.ports());
    this.database =
        new EmbeddedDatabase(
            settings.directory().resolve("postgres"),
            ports.of(Component.POSTGRES),
            log(Component.POSTGRES));
    for (Component component : Component.values()) {
      processes.put(
          component,
          new StackProcess(
              component,
              log(component),
              launch(component),
              component == Component.POSTGRES ? any -> database.stop() : ProcessHandle::destroy,
              ready(component),
              this::died));
    }
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

  /** The first half of {@link #start}: database, broker and registry. */
  public void startInfrastructure() {
    Runtime.getRuntime().addShutdownHook(shutdown);
    prepareDirectories();
    await(
        List.of(
            CompletableFuture.runAsync(this::startDatabaseAndRegistry, Thread::startVirtualThread),
            CompletableFuture.runAsync(
                () -> startAndAwait(Component.KAFKA), Thread::startVirtualThread)));
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
    await(
        services().stream()
            .map(
                service ->
                    CompletableFuture.runAsync(
                        () -> awaitReady(service, timeout), Thread::startVirtualThread))
            .toList());
  }

  /**
   * Starts the four services without waiting until they serve, which an initial snapshot of much
   * data puts off.
   */
  public void launchServices() {
    progress.accept("starting the services");
    services().forEach(this::start);
  }

  private void startDatabaseAndRegistry() {
    startAndAwait(Component.POSTGRES);
    try {
      database.createDatabases(List.of(SHOP, LAKE, REGISTRY));
      start(Component.REGISTRY);
      if (settings.database().isEmpty()) {
        settings.seed().load(database.url(SHOP));
      }
    } catch (SQLException e) {
      throw new StackException("the embedded database cannot be filled: " + e.getMessage(), e);
    }
    awaitReady(Component.REGISTRY, READY);
  }

  private void startAndAwait(Component component) {
    progress.accept("starting " + component.id());
    start(component);
    awaitReady(component, READY);
  }

  private void start(Component component) {
    process(component).start();
    publish();
  }

  private void awaitReady(Component component, Duration timeout) {
    process(component).awaitReady(timeout, progress);
    progress.accept(component.id() + " is ready");
  }

  /** Ends a process with SIGKILL, as a crash would. */
  public void kill(String name) {
    process(Component.of(name)).kill();
  }

  /**
   * Stops a process in its tracks (SIGSTOP), as a machine that is out of memory or a paused virtual
   * machine would, until {@link #thaw}.
   *
   * @return whether it ran
   */
  public boolean freeze(String name) {
    return process(Component.of(name)).signal("STOP");
  }

  /** Lets a process go on (SIGCONT). */
  public void thaw(String name) {
    process(Component.of(name)).signal("CONT");
  }

  /**
   * Starts a process that has ended, with the same port and data, without waiting until it serves.
   */
  public void launch(String name) {
    start(Component.of(name));
  }

  /**
   * Starts a process again, with the same port and data, and waits until it serves. One that still
   * runs is first told to end.
   */
  public void restart(String name) {
    StackProcess process = process(Component.of(name));
    stop(List.of(process));
    start(process.component());
    process.awaitReady(READY, progress);
  }

  /** Tells a process to end and waits until it has. */
  public void stop(String name) {
    stop(List.of(process(Component.of(name))));
  }

  /** Waits until every process serves. */
  public void awaitReady() {
    processes.values().forEach(process -> process.awaitReady(READY, progress));
  }

  /** Whether a process serves now. */
  public boolean ready(String name) {
    return process(Component.of(name)).ready();
  }

  /** Process id, while it runs. */
  public Optional<Long> pid(String name) {
    return process(Component.of(name))
        .handle()
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid);
  }

  /** Log of a process. */
  public Path log(String name) {
    return log(Component.of(name));
  }

  /** Tells {@code listener} of each process that ends unasked: its name, last error and log. */
  public void onDeath(Consumer<String> listener) {
    deathListeners.add(listener);
  }

  /** The database that the pipeline captures. */
  public SourceDatabase source() {
    return settings
        .database()
        .orElseGet(
            () ->
                new SourceDatabase(
                    "127.0.0.1", ports.of(Component.POSTGRES), SHOP, EmbeddedDatabase.USER, ""));
  }

  /** What the services and the pipeline file find in their environment. */
  public Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(source().environment());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", address(Component.KAFKA));
    environment.put("SCHEMA_REGISTRY_URL", address(Component.REGISTRY));
    environment.put("LAKE_CATALOG_URI", database.url(LAKE));
    environment.put("LAKE_CATALOG_USER", EmbeddedDatabase.USER);
    environment.put("LAKE_CATALOG_PASSWORD", "");
    environment.put(
        "LAKE_WAREHOUSE", "file://" + settings.directory().resolve("warehouse").toAbsolutePath());
    environment.putAll(settings.environment());
    return environment;
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
    pipelineName = pipeline().pipeline();
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
    Map<String, String> addresses = new LinkedHashMap<>();
    Map<String, Endpoints.ProcessId> pids = new LinkedHashMap<>();
    pids.put(Endpoints.SUPERVISOR, Endpoints.ProcessId.of(ProcessHandle.current()));
    for (Component component : Component.values()) {
      addresses.put(component.id(), address(component));
      process(component)
          .handle()
          .ifPresent(handle -> pids.put(component.id(), Endpoints.ProcessId.of(handle)));
    }
    addresses.put("source", source().url());
    addresses.put("lake-catalog", database.url(LAKE));
    addresses.put("warehouse", environment().get("LAKE_WAREHOUSE"));
    Map<String, String> environment = new TreeMap<>(environment());
    environment.keySet().removeIf(name -> name.contains("PASSWORD"));
    return new Endpoints(
        settings.directory().toString(),
        settings.pipelineFile().toString(),
        pipelineName,
        addresses,
        pids,
        environment);
  }

  /** Where a process listens, as a client needs it. */
  public String address(String name) {
    return address(Component.of(name));
  }

  private String address(Component component) {
    int port = ports.of(component);
    return switch (component) {
      case POSTGRES -> database.url(SHOP);
      case KAFKA -> "127.0.0.1:" + port;
      case REGISTRY -> "http://127.0.0.1:" + port + "/apis/ccompat/v7";
      default -> "http://127.0.0.1:" + port;
    };
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
    if (!closing && processes.values().stream().anyMatch(StackProcess::alive)) {
      progress.accept("stopping everything");
    }
    closing = true;
    stop(services().stream().map(this::process).toList());
    stop(List.of(process(Component.REGISTRY), process(Component.KAFKA)));
    stop(List.of(process(Component.POSTGRES)));
    endHalfStartedDatabase();
    spawner.close();
    if (published != null) {
      Endpoints.delete(published);
    }
  }

  private static void stop(Collection<StackProcess> ending) {
    ending.forEach(StackProcess::terminate);
    ending.forEach(process -> process.awaitEnd(GRACE));
  }

  /** A server whose start was interrupted runs already, and no one has its handle. */
  private void endHalfStartedDatabase() {
    try {
      database.postmaster().ifPresent(ProcessHandle::destroy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private StackProcess.Launch launch(Component component) {
    return () -> {
      if (closing) {
        throw new StackException("the stack is being stopped");
      }
      return switch (component) {
        case POSTGRES -> database.start();
        case KAFKA -> spawn(component, broker());
        case REGISTRY -> spawn(component, registry());
        default -> spawn(component, service(component));
      };
    };
  }

  private ProcessHandle spawn(Component component, List<String> program) throws IOException {
    List<String> options = settings.jvmOptions().getOrDefault(component.id(), List.of());
    List<String> command = Jvm.command(installation, component, options, program);
    Map<String, String> environment = new HashMap<>();
    if (component.isService()) {
      environment.putAll(environment());
      environment.put("MILLRACE_PIPELINE_FILE", settings.pipelineFile().toString());
      environment.put(
          "MILLRACE_STATE_DIR",
          settings.directory().resolve("state").resolve(component.id()).toString());
      environment.put("MILLRACE_HTTP_HOST", "127.0.0.1");
      environment.put("MILLRACE_HTTP_PORT", Integer.toString(ports.of(component)));
    }
    // glibc keeps an arena per thread otherwise, most of it unused
    environment.put("MALLOC_ARENA_MAX", "2");
    return spawner.start(command, environment, log(component)).toHandle();
  }

  private List<String> broker() throws IOException {
    Path file = settings.directory().resolve("kafka.properties");
    BrokerSettings.write(
        file, settings.directory().resolve("kafka"), ports.of(Component.KAFKA), ports.controller());
    return List.of(
        "-Dlogback.configurationFile=millrace-broker-logback.xml",
        "-cp",
        // whoever runs a stack has the broker's jars
        System.getProperty("java.class.path"),
        Component.KAFKA.mainClass(),
        file.toString(),
        BrokerSettings.CLUSTER_ID);
  }

  private List<String> registry() {
    return List.of(
        "-Dquarkus.http.host=127.0.0.1",
        "-Dquarkus.http.port=" + ports.of(Component.REGISTRY),
        "-Dquarkus.management.host=127.0.0.1",
        "-Dquarkus.management.port=" + ports.registryManagement(),
        "-Dapicurio.storage.kind=sql",
        "-Dapicurio.storage.sql.kind=postgresql",
        "-Dapicurio.datasource.url=" + database.url(REGISTRY),
        "-Dapicurio.datasource.username=" + EmbeddedDatabase.USER,
        "-Dapicurio.datasource.password=",
        "-jar",
        installation.registryJar().toString());
  }

  private List<String> service(Component component) {
    return List.of("-cp", installation.classPath(component.id()), component.mainClass());
  }

  private BooleanSupplier ready(Component component) {
    return switch (component) {
      case POSTGRES -> database::ready;
      case KAFKA -> () -> Probe.kafka(address(component));
      case REGISTRY -> () -> Probe.http(address(component) + "/subjects");
      default -> () -> Probe.http(address(component) + "/health/readiness");
    };
  }

  private void died(StackProcess process) {
    if (!closing) {
      deathListeners.forEach(listener -> listener.accept(process.obituary()));
    }
  }

  private void prepareDirectories() {
    try {
      for (String name : List.of("logs", "kafka", "state", "warehouse")) {
        Files.createDirectories(settings.directory().resolve(name));
      }
    } catch (IOException e) {
      throw new StackException("cannot write to " + settings.directory() + ": " + e, e);
    }
  }

  private Path log(Component component) {
    return settings.directory().resolve("logs").resolve(component.id() + ".log");
  }

  private StackProcess process(Component component) {
    return Objects.requireNonNull(processes.get(component));
  }

  private static List<Component> services() {
    List<Component> services = new ArrayList<>(List.of(Component.values()));
    services.removeIf(component -> !component.isService());
    return services;
  }

  /** Waits for all, or for the first that fails. */
  private static void await(List<CompletableFuture<Void>> tasks) {
    CompletableFuture<Void> first = new CompletableFuture<>();
    for (CompletableFuture<Void> task : tasks) {
      var _ =
          task.exceptionally(
              failure -> {
                first.completeExceptionally(failure);
                return null;
              });
    }
    var all = CompletableFuture.allOf(tasks.toArray(CompletableFuture[]::new));
    try {
      CompletableFuture.anyOf(first, all).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
