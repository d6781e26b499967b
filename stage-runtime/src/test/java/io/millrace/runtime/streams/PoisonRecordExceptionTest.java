package io.millrace.runtime.streams;

import static io.millrace.runtime.streams.PoisonRecordException.isToBlame;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.serde.OutdatedSchemaException;
import io.millrace.runtime.serde.RegistryRefusedException;
import io.millrace.runtime.serde.RegistryUnavailableException;
import io.millrace.runtime.serde.UnknownSchemaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.Test;

final class PoisonRecordExceptionTest {
  @Test
  void onlyWhatTheRecordIsToBlameForIsPoison() {
    // when / then
    assertThat(isToBlame(new SerializationException("cut short"))).isTrue();
    assertThat(isToBlame(new UnknownSchemaException("no schema 7"))).isTrue();
    assertThat(isToBlame(new ArithmeticException("/ by zero"))).isTrue();
    assertThat(isToBlame(new RuntimeException(new NumberFormatException("x")))).isTrue();

    assertThat(isToBlame(new RegistryUnavailableException("away", null))).isFalse();
    assertThat(isToBlame(new RegistryRefusedException("password", null))).isFalse();
    assertThat(isToBlame(new RuntimeException(new RegistryUnavailableException("away", null))))
        .isFalse();
    assertThat(isToBlame(new OutdatedSchemaException("a column was widened"))).isFalse();
    assertThat(isToBlame(new ProcessorStateException("disk full"))).isFalse();
    assertThat(isToBlame(new InvalidStateStoreException("closed"))).isFalse();
    assertThat(isToBlame(new InterruptException("stopping"))).isFalse();
    assertThat(isToBlame(new TimeoutException("broker"))).isFalse();
    assertThat(
            isToBlame(new SerializationException(new RegistryUnavailableException("away", null))))
        .isFalse();
  }
}
