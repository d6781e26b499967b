package io.millrace.sink.writer;

import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.commit.CommitHook;
import io.millrace.sink.commit.DescriptorCodec;
import io.millrace.sink.commit.ProtocolViolationException;
import io.millrace.sink.commit.TopicIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Ends the epochs of source partitions when their offsets commit: closes and uploads every file
 * first, then says so in descriptors, which go into the offsets' own transaction.
 */
public final class LakeWriter implements CommitHook {
  private final DescriptorCodec codec;
  private final TopicIds topicIds;
  private final Consumer<String> fatal;
  private final Map<TopicPartition, SourcePartition> open = new ConcurrentHashMap<>();

  /**
   * A writer.
   *
   * @param fatal told when going on would lose or double rows
   */
  public LakeWriter(DescriptorCodec codec, TopicIds topicIds, Consumer<String> fatal) {
    this.codec = codec;
    this.topicIds = topicIds;
    this.fatal = fatal;
  }

  /** A task begins to write a source partition. */
  void open(TopicPartition partition, SourcePartition writing) {
    open.put(partition, writing);
  }

  /** A task stops writing a source partition. */
  void close(TopicPartition partition, SourcePartition writing) {
    open.remove(partition, writing);
    writing.abandon();
  }

  @Override
  public List<ProducerRecord<byte[], byte[]>> beforeCommit(Map<TopicPartition, Long> offsets) {
    try {
      requireSameTopics(offsets);
      return finish(offsets).stream().map(codec::encode).toList();
    } catch (ProtocolViolationException e) {
      fatal.accept(e.getMessage());
      throw e;
    }
  }

  private List<DataFileDescriptor> finish(Map<TopicPartition, Long> offsets) {
    List<DataFileDescriptor> descriptors = new ArrayList<>();
    offsets.forEach((partition, end) -> descriptors.addAll(require(partition).finish(end)));
    return descriptors;
  }

  @Override
  public void committed(Map<TopicPartition, Long> offsets) {
    offsets.forEach((partition, end) -> require(partition).committed(end));
  }

  private void requireSameTopics(Map<TopicPartition, Long> offsets) {
    Map<String, String> ids =
        topicIds.of(
            offsets.keySet().stream().map(TopicPartition::topic).collect(Collectors.toSet()));
    for (TopicPartition partition : offsets.keySet()) {
      String known = require(partition).topicId();
      if (!known.equals(ids.get(partition.topic()))) {
        throw new ProtocolViolationException(
            ("topic %s was deleted and made again while the sink was reading it (its id was %s and"
                    + " is %s). Drop the lake tables of the topic and reset the pipeline's consumer"
                    + " groups to build them anew")
                .formatted(partition.topic(), known, ids.get(partition.topic())));
      }
    }
  }

  private SourcePartition require(TopicPartition partition) {
    SourcePartition writing = open.get(partition);
    if (writing == null) {
      throw new KafkaException("offsets of " + partition + ", which no task has open");
    }
    return writing;
  }
}
