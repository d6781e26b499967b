package io.millrace.benchmarks.sink;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import io.millrace.runtime.KafkaSettings;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.serde.RowDecoder;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Row;
import io.millrace.schemas.Topics;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.lake.TableShape;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * What the sink is measured against: a thread per partition that consumes change events, decodes
 * them, writes the same tables as the sink and appends its files now and then. It keeps no offsets:
 * after a crash it would have lost or repeated rows.
 */
@Command(name = "bare-loop", hidden = true)
public final class BareLoop implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(100);

  @Parameters(index = "0")
  private Path pipelineFile = Path.of("");

  @Parameters(index = "1", description = "of its tables")
  private String namespace = "bare";

  /** A loop that gets its pipeline from the command line. */
  public BareLoop() {}

  @Override
  public Integer call() throws Exception {
    PipelineFile pipeline = PipelineFileReader.read(pipelineFile, System.getenv());
    SchemaRegistry registry = new HttpSchemaRegistry(pipeline.registry());
    int partitions = pipeline.topics().partitions();
    try (LakeCatalog catalog = LakeCatalog.open(pipeline);
        ExecutorService threads = Executors.newFixedThreadPool(partitions)) {
      List<TableShape> shapes = shapes(pipeline, registry);
      shapes.forEach(catalog::ensure);
      List<Future<Integer>> running = new ArrayList<>();
      for (int partition = 0; partition < partitions; partition++) {
        int number = partition;
        running.add(threads.submit(() -> copy(pipeline, registry, catalog, shapes, number)));
      }
      for (Future<Integer> each : running) {
        each.get();
      }
    }
    return 0;
  }

  private List<TableShape> shapes(PipelineFile pipeline, SchemaRegistry registry) {
    List<TableShape> shapes = new ArrayList<>();
    for (LakeTable table : pipeline.lakeTables()) {
      shapes.add(
          TableShape.of(
              new LakeTable(
                  namespace,
                  table.namespace() + "_" + table.name(),
                  table.topic(),
                  table.content(),
                  table.formatVersion()),
              registry.latest(Topics.keySubject(table.topic())).orElseThrow(),
              registry.latest(Topics.valueSubject(table.topic())).orElseThrow()));
    }
    return shapes;
  }

  private static int copy(
      PipelineFile pipeline,
      SchemaRegistry registry,
      LakeCatalog catalog,
      List<TableShape> shapes,
      int number)
      throws IOException {
    TopicPartition partition =
        new TopicPartition(pipeline.topicNames().changes("order_lines"), number);
    Schema image =
        ChangeEvent.row(registry.latest(Topics.valueSubject(partition.topic())).orElseThrow());
    List<BareTable> tables = new ArrayList<>();
    for (TableShape shape : shapes) {
      tables.add(new BareTable(catalog.load(shape.table()), image, number));
    }
    RowDecoder decoder = new RowDecoder(registry);
    long interval = pipeline.lake().commitEvery().toNanos();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(pipeline, number)) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(partition));
      long end = ends.getOrDefault(partition, 0L);
      long committed = System.nanoTime();
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
          Row event = decoder.decode(message.value());
          if (event != null) {
            for (BareTable table : tables) {
              table.write(event);
            }
          }
        }
        if (System.nanoTime() - committed >= interval) {
          commit(tables);
          committed = System.nanoTime();
        }
      }
      commit(tables);
    }
    return number;
  }

  private static void commit(List<BareTable> tables) throws IOException {
    for (BareTable table : tables) {
      table.commit();
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(PipelineFile pipeline, int number) {
    Properties settings = KafkaSettings.client(pipeline, "bare-loop-" + number);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1000");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
