package io.millrace.local;

/** Something that stops the stack or a command; its message is for the user, complete. */
public final class StackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure that the message explains, with what to do about it. */
  public StackException(String message) {
    super(message);
  }

  /** A failure that the message explains; {@code cause} is shown only when asked for. */
  public StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
