package io.millrace.sink.writer;

import io.millrace.schemas.DataFileDescriptor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** The offsets that a consumer group committed last. Thread-safe. */
public final class CommittedOffsets {
  private final Admin admin;
  private final String group;

  /** Offsets of {@code group}; {@code admin} stays the caller's to close. */
  public CommittedOffsets(Admin admin, String group) {
    this.admin = admin;
    this.group = group;
  }

  /**
   * The committed offset of a partition, once no transaction that would change it is open.
   *
   * @return {@link DataFileDescriptor#BEGINNING} when none is committed
   */
  long of(TopicPartition partition) {
    ListConsumerGroupOffsetsSpec one =
        new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition));
    try {
      OffsetAndMetadata committed =
          admin
              .listConsumerGroupOffsets(
                  Map.of(group, one), new ListConsumerGroupOffsetsOptions().requireStable(true))
              .partitionsToOffsetAndMetadata(group)
              .get()
              .get(partition);
      return committed == null ? DataFileDescriptor.BEGINNING : committed.offset();
    } catch (ExecutionException e) {
      throw new KafkaException(
          "could not read the offset that %s committed of %s: %s"
              .formatted(group, partition, e.getCause()),
          e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while reading the offset of " + partition, e);
    }
  }
}
