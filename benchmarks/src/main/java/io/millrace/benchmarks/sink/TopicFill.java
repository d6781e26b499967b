package io.millrace.benchmarks.sink;

import io.millrace.benchmarks.workload.Fill;
import io.millrace.benchmarks.workload.RetailTransaction;
import io.millrace.benchmarks.workload.RetailTransaction.Invoice;
import io.millrace.benchmarks.workload.RetailWorkload;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Fills the topic that both sinks read. */
final class TopicFill {
  private final PipelineFile pipeline;
  private final String topic;

  TopicFill(PipelineFile pipeline) {
    this.pipeline = pipeline;
    this.topic = pipeline.topicNames().changes("order_lines");
  }

  /**
   * Writes inserted order lines of as many copies of the workload as it takes.
   *
   * @return how many: {@code events}, and what completes the last invoice
   */
  long fill(RetailWorkload workload, long events) {
    Fill.create(pipeline, topic);
    OrderLineEvents lines = new OrderLineEvents(new HttpSchemaRegistry(pipeline.registry()), topic);
    Iterator<Invoice> invoices =
        IntStream.iterate(0, copy -> copy + 1)
            .boxed()
            .flatMap(copy -> workload.copy(copy).filter(TopicFill::isInvoice))
            .map(Invoice.class::cast)
            .iterator();
    long written = 0;
    try (KafkaProducer<byte[], byte[]> producer = Fill.producer(pipeline)) {
      while (written < events) {
        Invoice invoice = invoices.next();
        lines.encode(
            invoice,
            (key, value) -> {
              var _ = producer.send(new ProducerRecord<>(topic, key, value));
            });
        written += invoice.lines().size();
      }
      producer.flush();
    }
    return written;
  }

  private static boolean isInvoice(RetailTransaction transaction) {
    return transaction instanceof Invoice;
  }
}
