package io.millrace.runtime.serde;

import org.jspecify.annotations.Nullable;

/**
 * The registry answers, but not to this client: wrong credentials, certificate or address. Asking
 * again does not help; says nothing about the record at hand either.
 */
public final class RegistryRefusedException extends RegistryUnavailableException {
  private static final long serialVersionUID = 1L;

  /** With what was asked, of which registry, and which setting to look at. */
  public RegistryRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
