package io.millrace.runtime.streams;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Puts records that an operator blames ({@link PoisonRecordException}) aside and goes on; Kafka
 * Streams makes it by its name. An error without a record at hand (a punctuation) is never poison.
 */
public final class PoisonToDeadLetters implements ProcessingExceptionHandler {
  private @Nullable DeadLetters letters;

  @Override
  public void configure(Map<String, ?> settings) {
    letters = DeadLetters.from(settings);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, @Nullable Record<?, ?> record, Exception error) {
    if (record == null || context.topic() == null || PoisonRecordException.in(error) == null) {
      return Response.fail();
    }
    return Response.resume(
        List.of(Objects.requireNonNull(letters).letter(context, context.processorNodeId(), error)));
  }
}
