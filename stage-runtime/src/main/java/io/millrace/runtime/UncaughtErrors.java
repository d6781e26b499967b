package io.millrace.runtime;

import org.apache.kafka.streams.processor.internals.StreamThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of an error that ends a thread: a line of the log instead of a stack trace on
 * standard error. One after which nothing can be trusted, such as no memory, ends the process.
 */
final class UncaughtErrors implements Thread.UncaughtExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(UncaughtErrors.class);

  private final Ending ending;

  UncaughtErrors(Ending ending) {
    this.ending = ending;
  }

  @Override
  public void uncaughtException(Thread thread, Throwable error) {
    if (error instanceof VirtualMachineError || error instanceof LinkageError) {
      ending.failed(error);
    } else if (!(thread instanceof StreamThread)) {
      // Of Kafka Streams' threads, who replaced them has told already.
      LOG.error("Thread {} ended", thread.getName(), error);
    }
  }
}
