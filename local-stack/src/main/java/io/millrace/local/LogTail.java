package io.millrace.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The end of a process's log, for a person. */
final class LogTail {
  private static final String CAUSE = "Caused by: ";
  private static final int BYTES = 64 * 1024;
  private static final Pattern ERROR = Pattern.compile("\\b(ERROR|FATAL|SEVERE)\\b");
  private static final Pattern STACK_TRACE =
      Pattern.compile("^(\\s+at |\\s*\\.\\.\\. \\d+ more).*");
  private static final ObjectMapper JSON = new ObjectMapper();

  private LogTail() {}

  /** The last line that reports an error, else the last line; empty when the log is. */
  static Optional<String> lastError(Path log) {
    List<String> lines = lines(log);
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (ERROR.matcher(lines.get(i)).find()) {
        String cause = rootCause(lines.subList(i + 1, lines.size()));
        return Optional.of(message(lines.get(i)) + cause);
      }
    }
    return lastLine(lines);
  }

  /** The last line that is not part of a stack trace. */
  static Optional<String> lastLine(Path log) {
    return lastLine(lines(log));
  }

  private static Optional<String> lastLine(List<String> lines) {
    return lines.reversed().stream()
        .filter(line -> !line.isBlank() && !STACK_TRACE.matcher(line).matches())
        .findFirst()
        .map(LogTail::message);
  }

  /** The last cause in the stack trace below an error. */
  private static String rootCause(List<String> below) {
    return below.reversed().stream()
        .filter(line -> line.startsWith(CAUSE))
        .findFirst()
        .map(line -> " (" + line.substring(CAUSE.length()).strip() + ")")
        .orElse("");
  }

  /** What a line says: the message of a structured line, else the line. */
  private static String message(String line) {
    if (!line.startsWith("{")) {
      return line.strip();
    }
    try {
      JsonNode json = JSON.readTree(line);
      return json.path("message").asText(line);
    } catch (JsonProcessingException e) {
      return line;
    }
  }

  private static List<String> lines(Path log) {
    if (!Files.exists(log)) {
      return List.of();
    }
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(0, file.length() - BYTES);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
