package io.millrace.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;

/**
 * A cable that can be cut: takes connections on a free loopback port and carries their bytes to
 * another. Cut with a reset, every connection breaks at once and new ones break too; cut in
 * silence, nothing is carried any more, not even the end of a connection, and what was sent
 * meanwhile arrives after {@link #mend}, as it would by TCP's retransmissions.
 */
final class TcpProxy implements AutoCloseable {
  private enum State {
    WHOLE,
    RESETTING,
    SILENT
  }

  private static final int CHUNK = 64 * 1024;

  private final int target;
  private final ServerSocket server;
  private final Set<Socket> sockets = new HashSet<>();
  private State state = State.WHOLE;

  /** A proxy of a loopback port. */
  TcpProxy(int target) {
    this.target = target;
    try {
      this.server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("no loopback port is free", e);
    }
    Thread.startVirtualThread(this::accept);
  }

  /** Where it listens. */
  int port() {
    return server.getLocalPort();
  }

  /** Cuts it: every connection breaks. */
  void reset() {
    cut(State.RESETTING);
    breakAll();
  }

  /** Cuts it: nothing is carried. */
  void silence() {
    cut(State.SILENT);
  }

  private synchronized void cut(State how) {
    state = how;
    notifyAll();
  }

  /** Lets bytes through again. */
  void mend() {
    cut(State.WHOLE);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread.startVirtualThread(() -> connect(client));
      } catch (IOException e) {
        // closed, or a connection that was gone before it was taken
      }
    }
  }

  private void connect(Socket client) {
    try {
      keep(client);
      if (!awaitSound()) {
        abort(client);
        return;
      }
      Socket behind = new Socket(InetAddress.getLoopbackAddress(), target);
      keep(behind);
      client.setTcpNoDelay(true);
      behind.setTcpNoDelay(true);
      Thread.startVirtualThread(() -> carry(behind, client));
      carry(client, behind);
    } catch (IOException e) {
      abort(client);
    }
  }

  private void carry(Socket from, Socket to) {
    byte[] chunk = new byte[CHUNK];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int length = in.read(chunk);
      while (awaitSound() && length >= 0) {
        out.write(chunk, 0, length);
        length = in.read(chunk);
      }
      to.shutdownOutput();
      if (from.isOutputShutdown()) {
        close(from);
        close(to);
      }
    } catch (IOException e) {
      awaitSound();
      abort(from);
      abort(to);
    }
  }

  /** Waits out a silence; false when connections are to break. */
  private synchronized boolean awaitSound() {
    try {
      while (state == State.SILENT) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return state == State.WHOLE;
  }

  private synchronized void keep(Socket socket) {
    sockets.add(socket);
  }

  private void breakAll() {
    Set<Socket> all;
    synchronized (this) {
      all = Set.copyOf(sockets);
    }
    all.forEach(this::abort);
  }

  /** Ends a connection by RST. */
  private void abort(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // it is closed
    }
    close(socket);
  }

  private void close(Socket socket) {
    synchronized (this) {
      sockets.remove(socket);
    }
    try {
      socket.close();
    } catch (IOException e) {
      // it is gone
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // nobody connects any more
    }
    reset();
  }
}
