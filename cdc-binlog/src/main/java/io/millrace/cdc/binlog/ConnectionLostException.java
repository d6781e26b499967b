package io.millrace.cdc.binlog;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The connection to the server was lost; a new one, from the committed offset on, mends it. */
final class ConnectionLostException extends UncheckedIOException {
  private static final long serialVersionUID = 1L;

  ConnectionLostException(String message) {
    super(new IOException(message));
  }
}
