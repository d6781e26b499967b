package io.millrace.local;

import io.millrace.pipeline.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** Every process that a stack can have, started or not. */
final class Processes {
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final Path logs;
  private final Addresses addresses;
  private final Programs programs;
  private final EmbeddedDatabase database;
  private final Ports ports;
  private final List<Member> possible;
  private final Function<Member, StackProcess> process;
  private volatile Map<Member, StackProcess> processes = Map.of();
  private volatile boolean closing;

  /**
   * The processes of a stack, none started.
   *
   * @param died told when one ends without having been told to
   * @throws StackException if Millrace is not built
   */
  Processes(
      StackSettings settings,
      Ports ports,
      Addresses addresses,
      Networks networks,
      Consumer<StackProcess> died) {
    this.logs = settings.directory().resolve("logs");
    this.addresses = addresses;
    this.ports = ports;
    this.possible =
        Member.values().stream()
            .filter(member -> member.component().isOf(settings.lake()))
            .toList();
    this.programs = new Programs(settings, ports, addresses, networks);
    this.database =
        new EmbeddedDatabase(
            settings.directory().resolve("postgres"),
            ports.of(Component.POSTGRES),
            log(Member.of(Component.POSTGRES)));
    this.process =
        member ->
            new StackProcess(
                member,
                log(member),
                () -> launch(member),
                member.component() == Component.POSTGRES
                    ? any -> database.stop()
                    : ProcessHandle::destroy,
                ready(member),
                ended -> {
                  if (!closing) {
                    died.accept(ended);
                  }
                });
    have(possible);
  }

  /** Gives each named source a connector of its own, instead of the only one. */
  void capture(List<Source> sources) {
    programs.capture(sources);
    List<Member> members = new ArrayList<>();
    for (Member member : possible) {
      if (member.component() != Component.CDC_CONNECTOR) {
        members.add(member);
      } else if (sources.getFirst().name().isEmpty()) {
        members.add(member);
      } else if (member.replica() == 1) {
        sources.forEach(source -> members.add(Member.capturing(source.name())));
      }
    }
    have(members);
  }

  private void have(List<Member> members) {
    Map<Member, StackProcess> all = new LinkedHashMap<>();
    for (Member member : members) {
      StackProcess known = processes.get(member);
      all.put(member, known == null ? process.apply(member) : known);
    }
    processes = all;
  }

  private ProcessHandle launch(Member member) throws IOException {
    if (closing) {
      throw new StackException("the stack is being stopped");
    }
    return member.component() == Component.POSTGRES
        ? database.start()
        : programs.start(member, log(member));
  }

  private BooleanSupplier ready(Member member) {
    return switch (member.component()) {
      case POSTGRES -> database::ready;
      case KAFKA -> () -> Probe.kafka(addresses.of(member));
      case REGISTRY -> () -> Probe.http(addresses.of(member) + "/subjects");
      case REST_CATALOG -> () -> Probe.http(addresses.of(member) + "/v1/config");
      case OBJECT_STORE -> () -> Probe.tcp(ports.of(member));
      default -> () -> Probe.http(addresses.of(member) + "/health/readiness");
    };
  }

  private Path log(Member member) {
    return logs.resolve(member.id() + ".log");
  }

  StackProcess of(String name) {
    return of(Member.of(name));
  }

  StackProcess of(Component component) {
    return of(Member.of(component));
  }

  private StackProcess of(Member member) {
    return Objects.requireNonNull(processes.get(member), () -> "this stack has no " + member.id());
  }

  /** The first process of each service. */
  List<StackProcess> services() {
    return processes.values().stream()
        .filter(process -> process.member().isService() && process.member().replica() == 1)
        .toList();
  }

  /** What every stack has, and the further replicas that were started and not told to end. */
  List<StackProcess> known() {
    return processes.values().stream()
        .filter(process -> process.member().replica() == 1 || process.wanted())
        .toList();
  }

  /** Whether anything runs. */
  boolean alive() {
    return processes.values().stream().anyMatch(StackProcess::alive);
  }

  void createDatabases(List<String> names) throws SQLException {
    database.createDatabases(names);
  }

  /** Tells processes to end and waits until they have. */
  void stop(Collection<StackProcess> ending) {
    ending.forEach(StackProcess::terminate);
    ending.forEach(process -> process.awaitEnd(GRACE));
  }

  /** Ends all, the ones that depend on others first; none can be started any more. */
  void stopAll() {
    closing = true;
    stop(processes.values().stream().filter(process -> process.member().isService()).toList());
    stop(
        processes.values().stream()
            .filter(process -> process.member().component() != Component.POSTGRES)
            .toList());
    stop(List.of(of(Component.POSTGRES)));
    endHalfStartedDatabase();
    programs.close();
  }

  /** A server whose start was interrupted runs already, and no one has its handle. */
  private void endHalfStartedDatabase() {
    try {
      database.postmaster().ifPresent(ProcessHandle::destroy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
