package io.millrace.runtime.streams;

import io.millrace.pipeline.plan.ViewPlan;
import io.millrace.runtime.serde.RowSerde;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Topics;
import org.apache.avro.Schema;

/**
 * A view and the topic that its rows go to.
 *
 * @param plan the view
 * @param topic keyed by the view's key record
 * @param row the schema under which rows go there: the columns of {@code plan.output().row()}
 */
public record ViewTopic(ViewPlan plan, String topic, Schema row) {
  RowSerde keySerde(SchemaRegistry registry) {
    return new RowSerde(registry, Topics.keySubject(topic), plan.output().key());
  }

  RowSerde rowSerde(SchemaRegistry registry) {
    return new RowSerde(registry, Topics.valueSubject(topic), row);
  }
}
