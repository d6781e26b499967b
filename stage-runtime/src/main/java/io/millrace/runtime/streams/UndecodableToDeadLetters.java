package io.millrace.runtime.streams;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;

/** Puts records that cannot be decoded aside and goes on; Kafka Streams makes it by its name. */
public final class UndecodableToDeadLetters implements DeserializationExceptionHandler {
  private @Nullable DeadLetters letters;

  @Override
  public void configure(Map<String, ?> settings) {
    letters = DeadLetters.from(settings);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception error) {
    return error instanceof SerializationException undecodable
            && PoisonRecordException.isToBlame(undecodable)
        ? Response.resume(List.of(Objects.requireNonNull(letters).letter(context, null, error)))
        : Response.fail();
  }
}
