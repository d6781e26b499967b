package io.millrace.runtime.serde;

import org.jspecify.annotations.Nullable;

/**
 * The registry did not answer in time. Transient: says nothing about the record or schema at hand,
 * which must not become a dead letter for it.
 */
public sealed class RegistryUnavailableException extends RuntimeException
    permits RegistryRefusedException {
  private static final long serialVersionUID = 1L;

  /** With what was asked, of which registry, for how long. */
  public RegistryUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
