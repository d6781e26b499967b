package io.millrace.sink.commit;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What must be done before a Kafka Streams thread commits offsets, inside the transaction that
 * commits them. Called by Streams threads, each for its own partitions.
 */
public interface CommitHook {
  /**
   * Does the work. When it throws, the offsets are not committed, the thread dies and its tasks
   * start again at the last committed offsets.
   *
   * @param offsets what is about to be committed: next offset to read by partition; never empty.
   *     Partitions that are not among them stay as they are
   * @return records that go into the same transaction; sent when all work is done
   */
  List<ProducerRecord<byte[], byte[]>> beforeCommit(Map<TopicPartition, Long> offsets);

  /** The transaction with these offsets is committed. */
  void committed(Map<TopicPartition, Long> offsets);
}
