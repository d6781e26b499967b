package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cable between a client and a server that sends back what it gets. */
final class TcpProxyTest {
  private static final int PATIENCE_MILLIS = 30_000;
  private static final int IMPATIENCE_MILLIS = 200;

  private ServerSocket server;
  private TcpProxy proxy;

  @BeforeEach
  void connect() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::serve);
    proxy = new TcpProxy(server.getLocalPort());
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
  }

  @Test
  void carriesBytesAndTheirEnd() throws IOException {
    try (Socket client = client()) {
      // when
      client.getOutputStream().write(new byte[] {1, 2, 3});
      client.shutdownOutput();

      // then
      assertThat(client.getInputStream().readAllBytes()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aResetBreaksWhatIsConnectedAndWhatConnects() throws IOException {
    try (Socket before = client()) {
      exchange(before);

      // when
      proxy.reset();

      // then
      assertThatThrownBy(() -> before.getInputStream().read()).isInstanceOf(SocketException.class);
      try (Socket meanwhile = client()) {
        assertThatThrownBy(() -> meanwhile.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }

      // when
      proxy.mend();

      // then
      try (Socket after = client()) {
        exchange(after);
      }
    }
  }

  @Test
  void inSilenceNothingArrivesAndAfterwardsEverything() throws IOException {
    try (Socket before = client()) {
      exchange(before);

      // when
      proxy.silence();
      before.getOutputStream().write(7);
      before.shutdownOutput();

      // then
      before.setSoTimeout(IMPATIENCE_MILLIS);
      assertThatThrownBy(() -> before.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);

      // when
      proxy.mend();

      // then
      before.setSoTimeout(PATIENCE_MILLIS);
      assertThat(before.getInputStream().readAllBytes()).containsExactly(7);
    }
  }

  private Socket client() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    client.setSoTimeout(PATIENCE_MILLIS);
    return client;
  }

  private static void exchange(Socket client) throws IOException {
    client.getOutputStream().write(42);
    assertThat(client.getInputStream().read()).isEqualTo(42);
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.startVirtualThread(() -> echo(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // the test broke it
    }
  }
}
