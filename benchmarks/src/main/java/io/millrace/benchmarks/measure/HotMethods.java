package io.millrace.benchmarks.measure;

import io.millrace.benchmarks.Directories;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where the CPU time of a JVM went, by the samples of a Flight Recorder file. Samples are taken per
 * CPU time (JEP 509), so a thread that waits has none; compilers and the garbage collector have
 * none either, for which see {@link ProcessCost#threads}.
 */
public final class HotMethods {
  private static final double LEAST_SHARE = 0.005;
  private static final String SAMPLE = "jdk.CPUTimeSample";
  private static final String PAUSE = "jdk.GCPhasePause";
  private static final String OURS = "io.millrace.";
  private static final List<String> PLATFORM =
      List.of("java.", "javax.", "jdk.", "sun.", "com.sun.");

  private final Map<String, Integer> tops = new HashMap<>();
  private final Map<String, Integer> owners = new HashMap<>();
  private final Map<String, Integer> ours = new HashMap<>();
  private final Map<String, Integer> threads = new HashMap<>();
  private int samples;
  private double pauseSeconds;

  private HotMethods() {}

  /**
   * JVM options that make a process record samples of CPU time and the collector's pauses, and
   * write the recording when it ends.
   *
   * @param directory of the recording and of its settings
   */
  public static String[] options(Path directory, String process) throws IOException {
    Path settings = Directories.copyResource("cpu.jfc", directory);
    return new String[] {
      "-XX:FlightRecorderOptions=stackdepth=128",
      "-XX:StartFlightRecording=dumponexit=true,maxsize=200m,settings=%s,filename=%s"
          .formatted(settings, recording(directory, process))
    };
  }

  /** Where {@link #options} puts the recording of a process. */
  public static Path recording(Path directory, String process) {
    return directory.resolve(process + ".jfr");
  }

  /**
   * Reads a recording.
   *
   * @param from samples before are left out
   * @param to samples after are left out
   */
  public static HotMethods read(Path recording, Instant from, Instant to) throws IOException {
    HotMethods hot = new HotMethods();
    if (!Files.exists(recording)) {
      return hot;
    }
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (!event.getStartTime().isBefore(from) && !event.getStartTime().isAfter(to)) {
          hot.add(event);
        }
      }
    }
    return hot;
  }

  private void add(RecordedEvent event) {
    if (event.getEventType().getName().equals(PAUSE)) {
      pauseSeconds += event.getDuration().toNanos() / 1e9;
    } else if (event.getEventType().getName().equals(SAMPLE)) {
      RecordedStackTrace stack = event.getStackTrace();
      if (stack != null && !stack.getFrames().isEmpty()) {
        add(stack.getFrames());
        if (event.getThread("eventThread") != null) {
          count(threads, event.getThread("eventThread").getJavaName());
        }
      }
    }
  }

  private void add(List<RecordedFrame> frames) {
    samples++;
    count(tops, name(frames.getFirst()));
    count(
        owners,
        frames.stream()
            .map(frame -> frame.getMethod().getType().getName())
            .filter(type -> PLATFORM.stream().noneMatch(type::startsWith))
            .findFirst()
            .map(HotMethods::packageGroup)
            .orElse("the JDK alone"));
    Set<String> seen = new HashSet<>();
    for (RecordedFrame frame : frames) {
      if (frame.getMethod().getType().getName().startsWith(OURS) && seen.add(name(frame))) {
        count(ours, name(frame));
      }
    }
  }

  private static void count(Map<String, Integer> counts, String key) {
    counts.merge(key == null ? "a native thread" : key, 1, Integer::sum);
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  /** Up to four parts of a package: enough to tell one library's concerns apart. */
  private static String packageGroup(String type) {
    String[] parts = type.split("\\.", -1);
    return String.join(".", List.of(parts).subList(0, Math.min(4, Math.max(parts.length - 1, 1))));
  }

  /** Samples read. */
  public int samples() {
    return samples;
  }

  /** Prints the {@code top} of each view of the samples. */
  public void print(String process, int top, PrintStream out) {
    out.printf(
        "%n%s: %d samples of CPU time; %.2f s of garbage-collection pauses%n",
        process, samples, pauseSeconds);
    section("method on the CPU", tops, top, out);
    section("library that was called (first frame outside the JDK)", owners, top, out);
    section("Millrace's methods, with what they call", ours, top, out);
    section("thread", threads, top, out);
  }

  private void section(String title, Map<String, Integer> counts, int top, PrintStream out) {
    if (counts.isEmpty()) {
      return;
    }
    out.println("  " + title);
    counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= samples * LEAST_SHARE)
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(top)
        .forEach(
            entry ->
                out.printf("  %6.1f %%  %s%n", 100.0 * entry.getValue() / samples, entry.getKey()));
  }
}
