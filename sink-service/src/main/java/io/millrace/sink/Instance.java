package io.millrace.sink;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * What this process is called in transactional ids: the same after a restart on the same state
 * directory, and no other running process's, for the file that holds it stays locked.
 */
final class Instance implements Closeable {
  private static final String FILE = "sink-instance";
  private static final int UUID_LENGTH = 36;

  private final FileChannel file;
  private final String id;

  private Instance(FileChannel file, String id) {
    this.file = file;
    this.id = id;
  }

  /**
   * The instance of a state directory.
   *
   * @throws IllegalStateException when another process has it
   */
  static Instance of(Path stateDirectory) {
    try {
      FileChannel file =
          FileChannel.open(
              stateDirectory.resolve(FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      return lock(file, stateDirectory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instance lock(FileChannel file, Path stateDirectory) throws IOException {
    try {
      if (file.tryLock() != null) {
        return new Instance(file, readOrCreate(file));
      }
    } catch (OverlappingFileLockException e) {
      // Another stage of this very process: as bad as another process.
    }
    file.close();
    throw new IllegalStateException(
        "another sink-service runs on state directory "
            + stateDirectory
            + ": stop it, or give this one a directory of its own");
  }

  private static String readOrCreate(FileChannel file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(UUID_LENGTH);
    while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {
      // Until the id is complete.
    }
    if (!bytes.hasRemaining()) {
      return new String(bytes.array(), StandardCharsets.US_ASCII);
    }
    String id = UUID.randomUUID().toString();
    file.write(ByteBuffer.wrap(id.getBytes(StandardCharsets.US_ASCII)), 0);
    file.force(true);
    return id;
  }

  String id() {
    return id;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
