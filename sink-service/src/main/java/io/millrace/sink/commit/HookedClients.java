package io.millrace.sink.commit;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Clients of a Kafka Streams application whose offsets commit together with the work of a {@link
 * CommitHook}.
 *
 * <p>Transactional ids stay the same over restarts. Streams makes new ones for each process that
 * has no state stores, and then a killed process's transaction pins the last stable offset until
 * its timeout; with the same id the next process aborts it at once.
 */
public final class HookedClients implements KafkaClientSupplier {
  private final String instance;
  private final CommitHook hook;

  /**
   * Clients.
   *
   * @param instance what makes transactional ids this process's own: the same after a restart, and
   *     no other running process's
   * @param hook called by every thread's producer
   */
  public HookedClients(String instance, CommitHook hook) {
    this.instance = instance;
    this.hook = hook;
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    Map<String, Object> settings = new HashMap<>(config);
    settings.computeIfPresent(
        ProducerConfig.TRANSACTIONAL_ID_CONFIG, (name, id) -> transactionalId(id.toString()));
    return new HookedProducer(settings, hook);
  }

  /** Streams' id is {@code <application>-<process>-<thread>}, the process a UUID. */
  private String transactionalId(String id) {
    String thread = id.substring(id.lastIndexOf('-') + 1);
    String process = id.substring(0, id.length() - thread.length() - 1);
    int uuid = 36;
    String application =
        process.length() > uuid ? process.substring(0, process.length() - uuid) : process + "-";
    return application + instance + "-" + thread;
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return getConsumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return getConsumer(config);
  }
}
