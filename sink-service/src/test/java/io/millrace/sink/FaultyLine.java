package io.millrace.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Carries HTTP to a loopback port and, once it is told to, spoils some of the exchanges, each kind
 * of fault as often as the others.
 */
final class FaultyLine implements AutoCloseable {
  /** What happens to an exchange. */
  enum Fault {
    /** It takes a while. */
    SLOW,
    /** The answer is 503, and the server has heard nothing. */
    UNAVAILABLE,
    /** The connection breaks before the server has heard anything. */
    RESET,
    /** The server does what it is asked to, and the connection breaks when it says so. */
    LOST_ANSWER
  }

  private static final int CHUNK = 64 * 1024;
  private static final byte[] REFUSAL =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          .getBytes(US_ASCII);
  private static final int LONGEST_MILLIS = 1500;

  private final int target;
  private final ServerSocket server;
  private final Random random;
  private final Map<Fault, Integer> struck = new EnumMap<>(Fault.class);
  private int percent;

  /**
   * A line that is sound yet.
   *
   * @param target the port behind it
   */
  FaultyLine(int target, long seed) {
    this.target = target;
    this.random = new Random(seed);
    try {
      this.server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  /** Where it listens. */
  String address() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** From now on spoils so many of a hundred exchanges. */
  synchronized void spoil(int ofAHundred) {
    percent = ofAHundred;
  }

  /** How often each fault came. */
  synchronized Map<Fault, Integer> struck() {
    return Map.copyOf(struck);
  }

  private synchronized @Nullable Fault next() {
    if (random.nextInt(100) >= percent) {
      return null;
    }
    Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
    struck.merge(fault, 1, Integer::sum);
    return fault;
  }

  private synchronized int pause() {
    return random.nextInt(LONGEST_MILLIS);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread.startVirtualThread(() -> connect(client));
      } catch (IOException e) {
        // closed
      }
    }
  }

  private void connect(Socket client) {
    try (client;
        Socket behind = new Socket(InetAddress.getLoopbackAddress(), target)) {
      new Exchanges(client, behind).carry();
    } catch (IOException e) {
      // one of the two has gone, and the other learns of it
    }
  }

  /** What goes over one connection. */
  private final class Exchanges {
    private final Socket client;
    private final Socket behind;
    private volatile boolean answering;
    private volatile boolean losing;

    Exchanges(Socket client, Socket behind) {
      this.client = client;
      this.behind = behind;
    }

    void carry() throws IOException {
      Thread answers = Thread.startVirtualThread(this::answer);
      InputStream in = client.getInputStream();
      OutputStream out = behind.getOutputStream();
      byte[] chunk = new byte[CHUNK];
      boolean first = true;
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        // A request begins with the first bytes after an answer.
        if (first || answering) {
          answering = false;
          first = false;
          if (!begin()) {
            return;
          }
        }
        out.write(chunk, 0, length);
      }
      behind.shutdownOutput();
      join(answers);
    }

    /** Whether the server is to hear of it. */
    private boolean begin() throws IOException {
      switch (next()) {
        case SLOW -> sleep(pause());
        case UNAVAILABLE -> {
          client.getOutputStream().write(REFUSAL);
          client.shutdownOutput();
          drain();
          return false;
        }
        case RESET -> {
          client.setSoLinger(true, 0);
          return false;
        }
        case LOST_ANSWER -> losing = true;
        case null -> {}
      }
      return true;
    }

    /** Who sends a body yet would see the connection reset, and not the answer. */
    private void drain() throws IOException {
      client.setSoTimeout(1000);
      client.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    private void answer() {
      byte[] chunk = new byte[CHUNK];
      try {
        InputStream in = behind.getInputStream();
        OutputStream out = client.getOutputStream();
        for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
          if (losing) {
            client.setSoLinger(true, 0);
            client.close();
            return;
          }
          answering = true;
          out.write(chunk, 0, length);
        }
        client.shutdownOutput();
      } catch (IOException e) {
        // one of the two has gone
      }
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // nobody connects any more
    }
  }
}
