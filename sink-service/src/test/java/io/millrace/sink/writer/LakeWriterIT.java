package io.millrace.sink.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.pipeline.LakeTable;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.Servers;
import io.millrace.sink.TestLake;
import io.millrace.sink.TestRecords;
import io.millrace.sink.commit.DescriptorCodec;
import io.millrace.sink.commit.TopicIds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The writer ends the epochs of the partitions that commit, and no others. */
@ExtendWith(Servers.class)
class LakeWriterIT {
  private static final int ROWS_THAT_FIT = 10;

  private final List<String> fatal = new ArrayList<>();
  private TestLake lake;
  private TestRecords records;
  private DescriptorCodec codec;
  private ChangeDecoder decoder;
  private Admin admin;
  private TopicIds topicIds;
  private LakeWriter writer;
  private String topic;
  private List<LakeTable> tables;

  @BeforeEach
  void setUp(Servers.Running servers, @TempDir Path directory) throws Exception {
    LocalSchemaRegistry registry = new LocalSchemaRegistry();
    lake = new TestLake(servers, registry, "http://127.0.0.1:1", directory);
    records = new TestRecords(lake.pipeline().topicNames(), registry);
    codec = new DescriptorCodec(registry, lake.pipeline().topicNames().lakeCommits());
    topic = lake.pipeline().topicNames().changes("orders");
    tables =
        lake.pipeline().lakeTables().stream().filter(table -> table.topic().equals(topic)).toList();
    decoder = ChangeDecoder.of(tables, registry);
    admin = Admin.create(Map.of("bootstrap.servers", servers.broker().bootstrapServers()));
    admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
    topicIds = new TopicIds(admin);
    writer = new LakeWriter(codec, topicIds, fatal::add);
  }

  @AfterEach
  void tearDown() {
    admin.close();
    lake.close();
  }

  @Test
  void leavesPartitionsAloneThatDoNotCommit() {
    // given
    SourcePartition first = open(0, tables, Long.MAX_VALUE);
    SourcePartition second = open(1, tables, Long.MAX_VALUE);
    write(first, 1);
    write(second, 2);

    // when
    List<DataFileDescriptor> one = commit(Map.of(partition(0), 1L));
    List<DataFileDescriptor> other = commit(Map.of(partition(1), 1L));

    // then
    assertThat(one)
        .hasSize(2)
        .allSatisfy(
            descriptor -> {
              assertThat(descriptor.partition()).isZero();
              assertThat(descriptor.rows()).isOne();
            });
    assertThat(other)
        .hasSize(2)
        .allSatisfy(
            descriptor -> {
              assertThat(descriptor.partition()).isOne();
              assertThat(descriptor.rows()).isOne();
            });
  }

  @Test
  void sendsNoDescriptorUnlessEveryFileIsFinished() {
    // given
    SourcePartition whole = open(0, tables, Long.MAX_VALUE);
    write(whole, 1);

    // when, then: of the second partition no task is there to finish files
    assertThatThrownBy(() -> writer.beforeCommit(Map.of(partition(0), 1L, partition(1), 1L)))
        .isInstanceOf(KafkaException.class)
        .hasMessageContaining("which no task has open");
  }

  @Test
  void asksForAnEarlyCommitWhenRowsTakeTooMuchHeap() {
    // given
    SourcePartition writing = open(0, tables, ROWS_THAT_FIT * 2000L);
    int rows = 0;

    // when
    while (!write(writing, rows)) {
      rows++;
    }
    commit(Map.of(partition(0), (long) rows + 1));

    // then
    assertThat(rows).isGreaterThan(ROWS_THAT_FIT);
    assertThat(write(writing, 0)).isFalse();
  }

  private SourcePartition open(int number, List<LakeTable> fed, long heap) {
    List<TableWriter> writers =
        fed.stream()
            .map(
                table -> {
                  Target target = new Target(table, lake.catalog());
                  return table.content() == LakeTable.Content.CHANGES
                      ? (TableWriter) new AppendWriter(target, number)
                      : new UpsertWriter(
                          target,
                          number,
                          Epochs.indexed(
                              table,
                              lake.catalog(),
                              new HashMap<>(),
                              new IndexRebuild(
                                  lake.registry(),
                                  partition(number),
                                  1,
                                  DataFileDescriptor.BEGINNING)));
                })
            .toList();
    SourcePartition opened =
        new SourcePartition(
            partition(number),
            topicIds.of(topic),
            DataFileDescriptor.BEGINNING,
            writers,
            new BufferLimit(heap));
    writer.open(partition(number), opened);
    return opened;
  }

  private TopicPartition partition(int number) {
    return new TopicPartition(topic, number);
  }

  private boolean write(SourcePartition writing, long id) {
    TestRecords.Encoded record =
        records.order("c", TestRecords.order(id, "open", "1.00")).getFirst();
    Change change = decoder.decode(record.key(), record.value());
    return change != null && writing.write(change);
  }

  private List<DataFileDescriptor> commit(Map<TopicPartition, Long> offsets) {
    List<DataFileDescriptor> descriptors =
        writer.beforeCommit(offsets).stream().map(one -> codec.decode(one.value())).toList();
    writer.committed(offsets);
    return descriptors;
  }
}
