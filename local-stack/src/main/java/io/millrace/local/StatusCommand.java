package io.millrace.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.local.lake.TextTable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Shows the processes of the stack that runs here.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:every process serves", "1:one does not, or no stack runs here"})
final class StatusCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private WorkDirectory work = new WorkDirectory();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  StatusCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * A process, seen from outside.
   *
   * @param state {@code serving}, {@code starting} (alive, not ready) or {@code dead}
   * @param residentBytes of memory; absent where the system does not tell
   */
  record Line(String state, long pid, @Nullable Long residentBytes, @Nullable String address) {}

  @Override
  public Integer call() throws JsonProcessingException {
    Endpoints endpoints = work.running();
    Map<String, Line> lines = new LinkedHashMap<>();
    lines.put(Endpoints.SUPERVISOR, line(endpoints, Endpoints.SUPERVISOR, true));
    endpoints.addresses().keySet().parallelStream()
        .flatMap(name -> Member.find(name).stream())
        .map(member -> Map.entry(member.id(), line(endpoints, member)))
        .toList()
        .forEach(entry -> lines.put(entry.getKey(), entry.getValue()));
    if (json) {
      ObjectMapper mapper = new ObjectMapper();
      terminal.line(
          mapper
              .writerWithDefaultPrettyPrinter()
              .writeValueAsString(Map.of("pipeline", endpoints.pipeline(), "processes", lines)));
    } else {
      print(endpoints, lines);
    }
    return lines.values().stream().allMatch(line -> line.state.equals("serving"))
        ? 0
        : Millrace.FAILED;
  }

  private void print(Endpoints endpoints, Map<String, Line> lines) {
    TextTable table = new TextTable(List.of("process", "state", "pid", "MiB", "address"));
    lines.forEach(
        (name, line) ->
            table.add(
                Arrays.<@Nullable Object>asList(
                    name,
                    line.state,
                    line.pid,
                    line.residentBytes == null ? "" : line.residentBytes >> 20,
                    line.address == null ? "" : line.address)));
    terminal.line("pipeline " + endpoints.pipeline() + " in " + endpoints.directory());
    table.print(terminal.out());
  }

  private static Line line(Endpoints endpoints, Member member) {
    String address = String.valueOf(endpoints.addresses().get(member.id()));
    return line(
        endpoints,
        member.id(),
        switch (member.component()) {
          case POSTGRES -> EmbeddedDatabase.answers(address);
          case KAFKA -> Probe.kafka(address);
          case REGISTRY -> Probe.http(address + "/subjects");
          default -> Probe.http(address + "/health/readiness");
        });
  }

  private static Line line(Endpoints endpoints, String name, boolean serves) {
    Endpoints.ProcessId id = endpoints.processes().get(name);
    String address = endpoints.addresses().get(name);
    if (id == null || id.running().isEmpty()) {
      return new Line("dead", id == null ? 0 : id.pid(), null, address);
    }
    return new Line(serves ? "serving" : "starting", id.pid(), memory(name, id.pid()), address);
  }

  /** The stack's processes are children of the command, and stand in lines of their own. */
  private static @Nullable Long memory(String name, long pid) {
    return name.equals(Endpoints.SUPERVISOR)
        ? ResidentMemory.of(pid)
        : ResidentMemory.withChildren(pid);
  }
}
