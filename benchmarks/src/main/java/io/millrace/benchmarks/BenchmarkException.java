package io.millrace.benchmarks;

/** A benchmark cannot run or could not finish; the message says why and what to do. */
public final class BenchmarkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** For the user's eyes. */
  public BenchmarkException(String message) {
    super(message);
  }

  /** For the user's eyes, with its cause. */
  public BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
