package io.millrace.benchmarks.sink;

import io.millrace.benchmarks.workload.RetailTransaction.Invoice;
import io.millrace.benchmarks.workload.RetailTransaction.Line;
import io.millrace.benchmarks.workload.SourceEvents;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Row;
import java.util.function.BiConsumer;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;

/** Change events of inserted order lines. */
final class OrderLineEvents {
  private static final String NAMESPACE = "io.millrace.sinkbench";
  private static final int PRECISION = 12;
  private static final int SCALE = 2;

  private static final Schema KEY =
      SchemaBuilder.record("order_lines_key")
          .namespace(NAMESPACE)
          .fields()
          .requiredString("order_id")
          .requiredInt("line_no")
          .endRecord();

  private static final Schema ROW =
      SchemaBuilder.record("order_lines")
          .namespace(NAMESPACE)
          .fields()
          .requiredString("order_id")
          .requiredInt("line_no")
          .requiredString("product_id")
          .requiredInt("quantity")
          .name("unit_price")
          .type(
              LogicalTypes.decimal(PRECISION, SCALE).addToSchema(Schema.create(Schema.Type.BYTES)))
          .noDefault()
          .endRecord();

  private final SourceEvents events;

  OrderLineEvents(SchemaRegistry registry, String topic) {
    this.events = new SourceEvents(registry, topic, KEY, ROW);
  }

  /** Gives key and value of every line of an invoice. */
  void encode(Invoice invoice, BiConsumer<byte[], byte[]> record) {
    events.nextTransaction();
    for (int i = 0; i < invoice.lines().size(); i++) {
      Line line = invoice.lines().get(i);
      events.encode(
          "c",
          new Row(KEY, new Object[] {invoice.orderId(), i + 1}),
          new Row(
              ROW,
              new Object[] {
                invoice.orderId(), i + 1, line.productId(), line.quantity(), line.unitPrice()
              }),
          record);
    }
  }
}
