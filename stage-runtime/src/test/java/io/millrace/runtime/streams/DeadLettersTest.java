package io.millrace.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.serde.RegistryRefusedException;
import io.millrace.runtime.serde.RegistryUnavailableException;
import io.millrace.runtime.serde.UnknownSchemaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.Test;

final class DeadLettersTest {
  @Test
  void onlyWhatTheRecordIsToBlameForIsPoison() {
    // when / then
    assertThat(DeadLetters.poison(new SerializationException("cut short"))).isTrue();
    assertThat(DeadLetters.poison(new UnknownSchemaException("no schema 7"))).isTrue();
    assertThat(DeadLetters.poison(new ArithmeticException("/ by zero"))).isTrue();
    assertThat(DeadLetters.poison(new RuntimeException(new NumberFormatException("x")))).isTrue();

    assertThat(DeadLetters.poison(new RegistryUnavailableException("away", null))).isFalse();
    assertThat(DeadLetters.poison(new RegistryRefusedException("password", null))).isFalse();
    assertThat(
            DeadLetters.poison(
                new RuntimeException(new RegistryUnavailableException("away", null))))
        .isFalse();
    assertThat(DeadLetters.poison(new ProcessorStateException("disk full"))).isFalse();
    assertThat(DeadLetters.poison(new TimeoutException("broker"))).isFalse();
    assertThat(
            DeadLetters.poison(
                new SerializationException(new RegistryUnavailableException("away", null))))
        .isFalse();
  }
}
