package io.millrace.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class MillraceTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @ValueSource(strings = {"demo", "up", "status", "down", "query", "reconcile"})
  void everyCommandHasHelpWithItsExitStatus(String command) {
    // when
    int status = run(command, "--help");

    // then
    assertThat(status).isZero();
    assertThat(out()).contains("Usage: millrace " + command, "Exit status:", "--work-dir");
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "show", "replay"})
  void whatIsDoneWithDeadLettersHasHelpWithItsExitStatus(String what) {
    // when
    int status = run("dead-letters", what, "--help");

    // then
    assertThat(status).isZero();
    assertThat(out())
        .contains(
            "Usage: millrace dead-letters " + what, "Exit status:", "--work-dir", "--pipeline");
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "start", "pause", "resume", "stop"})
  void whatIsDoneWithSnapshotsHasHelpWithItsExitStatus(String what) {
    // when
    int status = run("snapshots", what, "--help");

    // then
    assertThat(status).isZero();
    assertThat(out())
        .contains("Usage: millrace snapshots " + what, "Exit status:", "--work-dir", "--connector");
  }

  @Test
  void helpListsTheCommands() {
    // when
    int status = run("--help");

    // then
    assertThat(status).isZero();
    assertThat(out())
        .contains("demo", "up", "status", "down", "query", "reconcile")
        .contains("dead-letters", "snapshots", "130");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dance",
        "up --portt 1",
        "query",
        "query x --csv --json",
        "dead-letters",
        "dead-letters replay",
        "snapshots",
        "snapshots start",
        "snapshots pause"
      })
  void aWrongCommandLineIsExitStatus2(String arguments) {
    // when
    int status = run(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1));

    // then
    assertThat(status).isEqualTo(2);
    assertThat(err()).isNotBlank().doesNotContain("Exception");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status",
        "reconcile",
        "query SELECT",
        "dead-letters list",
        "snapshots list",
        "lake inspect silver.orders"
      })
  void whatNeedsAStackSaysThatNoneRuns(String arguments) {
    // when
    int status = runHere(arguments.split(" ", -1));

    // then
    assertThat(status).isEqualTo(1);
    assertThat(err())
        .startsWith("millrace: no stack runs here (" + directory)
        .hasLineCount(1)
        .contains("millrace up");
  }

  @Test
  void downWithoutAStackIsFine() {
    // when
    int status = runHere("down");

    // then
    assertThat(status).isZero();
    assertThat(out()).contains("no stack runs here");
  }

  @Test
  void downForgetsAStackWhoseProcessesAreGone() throws Exception {
    // given
    Files.writeString(
        directory.resolve(Endpoints.FILE),
        """
        {"directory": "/x", "pipelineFile": "/x/p.yaml", "pipeline": "shop", "addresses": {},
         "processes": {"millrace": {"pid": 1, "started": 12345}}, "environment": {}}
        """);

    // when
    int status = runHere("down");

    // then
    assertThat(status).isZero();
    assertThat(directory.resolve(Endpoints.FILE)).doesNotExist();
  }

  @Test
  void aMissingPipelineFileIsOneLine() {
    // when
    int status = runHere("up", "--pipeline", directory.resolve("none.yaml").toString());

    // then
    assertThat(status).isEqualTo(1);
    assertThat(err()).startsWith("millrace: there is no pipeline file").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reconcile", "query SELECT", "lake inspect silver.orders"})
  void whatReadsALakeTakesAnyPipeline(String arguments) {
    // given
    String[] command = (arguments + " --pipeline none.yaml").split(" ", -1);

    // when
    int status = run(command);

    // then
    assertThat(status).isEqualTo(1);
    assertThat(err()).startsWith("millrace: there is no pipeline file none.yaml").hasLineCount(1);
  }

  @Test
  void aShopWithoutADatabaseIsOneLine() {
    // when
    int status = run("shop", "--database", "jdbc:postgresql://127.0.0.1:1/shop?user=me");

    // then
    assertThat(status).isEqualTo(1);
    assertThat(err())
        .startsWith("millrace: the shop in jdbc:postgresql://127.0.0.1:1/shop?user=me cannot go on")
        .hasLineCount(1);
  }

  @Test
  void everyErrorOfAPipelineFileIsALineAndTheStatusIs2() throws Exception {
    // given
    Path file = Files.writeString(directory.resolve("bad.yaml"), "pipeline: Shop\nlakes: {}\n");

    // when
    int status = runHere("up", "--pipeline", file.toString());

    // then
    assertThat(status).isEqualTo(2);
    assertThat(err().lines()).hasSizeGreaterThan(1).allMatch(line -> line.contains("bad.yaml:"));
  }

  @Test
  void aPortInUseIsOneLine() throws Exception {
    // given
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // when
      int status = runHere("up", "--port", "kafka=" + taken.getLocalPort());

      // then
      assertThat(status).isEqualTo(1);
      assertThat(err())
          .startsWith("millrace: port " + taken.getLocalPort() + " of kafka is in use")
          .hasLineCount(1);
    }
  }

  @Test
  void aDatasetWithoutFilesIsOneLine() {
    // when
    int status = runHere("demo", "--dataset", directory.toString());

    // then
    assertThat(status).isEqualTo(1);
    assertThat(err()).contains("holds no *.csv").hasLineCount(1);
  }

  private int runHere(String... arguments) {
    String[] all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--work-dir";
    all[arguments.length + 1] = directory.toString();
    return run(all);
  }

  private int run(String... arguments) {
    PrintStream stdout = new PrintStream(out, true, UTF_8);
    PrintStream stderr = new PrintStream(err, true, UTF_8);
    CommandLine line = Millrace.commandLine(new Terminal(stdout, stderr, false));
    line.setOut(new PrintWriter(stdout, true, UTF_8));
    line.setErr(new PrintWriter(stderr, true, UTF_8));
    return line.execute(arguments);
  }

  private String out() {
    return out.toString(UTF_8);
  }

  private String err() {
    return err.toString(UTF_8);
  }
}
