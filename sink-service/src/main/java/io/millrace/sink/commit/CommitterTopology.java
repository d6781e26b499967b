package io.millrace.sink.commit;

import io.millrace.schemas.DataFileDescriptor;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Reads the lake-commits topic into inboxes, which {@link LakeCommitter} empties. */
public final class CommitterTopology {
  /** Name of the application whose group reads the topic. */
  public static final String APPLICATION = "sink-committer";

  private final String topic;
  private final DescriptorCodec codec;
  private final LakeCommitter committer;

  /** The topology over the lake-commits topic. */
  public CommitterTopology(String topic, DescriptorCodec codec, LakeCommitter committer) {
    this.topic = topic;
    this.codec = codec;
    this.committer = committer;
  }

  /** One source, one processor, no state. */
  public Topology topology() {
    Topology topology = new Topology();
    topology.addSource(
        "read-descriptors", new ByteArrayDeserializer(), new ByteArrayDeserializer(), topic);
    topology.addProcessor("commit-to-lake", Receiver::new, "read-descriptors");
    return topology;
  }

  private final class Receiver implements Processor<byte[], byte[], Void, Void> {
    private @Nullable ProcessorContext<Void, Void> context;
    private @Nullable TopicPartition partition;
    private @Nullable Inbox inbox;

    @Override
    public void init(ProcessorContext<Void, Void> initial) {
      context = initial;
      partition = new TopicPartition(topic, initial.taskId().partition());
      inbox = committer.open(partition);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      if (context == null || inbox == null) {
        throw new KafkaException("a record before the task was opened");
      }
      long offset = context.recordMetadata().map(RecordMetadata::offset).orElseThrow();
      inbox.add(offset, decode(record.value(), offset));
    }

    /** Its failure is never a poison record: without a descriptor its rows would be lost. */
    private DataFileDescriptor decode(byte[] value, long offset) {
      try {
        return codec.decode(value);
      } catch (RuntimeException e) {
        throw new KafkaException(
            "the descriptor at %s partition %s offset %d cannot be read: %s"
                .formatted(topic, partition, offset, e.getMessage()),
            e);
      }
    }

    @Override
    public void close() {
      if (partition != null && inbox != null) {
        committer.close(partition, inbox);
      }
    }
  }
}
