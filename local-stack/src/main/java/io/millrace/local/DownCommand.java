package io.millrace.local;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace down}. */
@Command(
    name = "down",
    mixinStandardHelpOptions = true,
    description = "Stops the stack that runs here. Its data and logs stay for the next up.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:nothing of it runs any more", "1:it failed"})
final class DownCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private WorkDirectory work = new WorkDirectory();

  DownCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Optional<Endpoints> endpoints = Endpoints.read(work.path());
    boolean ran = endpoints.isPresent() && new Shutdown(endpoints.get()).run();
    Endpoints.delete(work.path());
    terminal.line(ran ? "stopped" : "no stack runs here (" + work.path() + ")");
    return 0;
  }
}
