package io.millrace.runtime.streams;

import io.millrace.pipeline.plan.Relation;
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
  /** The topic that holds a relation's changes or rows. */
  static String name(Topics topics, Relation relation) {
    return switch (relation.kind()) {
      case SOURCE_TABLE -> topics.changes(relation.name());
      case ENRICHED_VIEW -> topics.view(relation.name());
      case AGGREGATE_VIEW -> topics.aggregate(relation.name());
    };
  }

  RowSerde keySerde(SchemaRegistry registry) {
    return new RowSerde(registry, Topics.keySubject(topic), plan.output().key());
  }

  RowSerde rowSerde(SchemaRegistry registry) {
    return new RowSerde(registry, Topics.valueSubject(topic), row);
  }
}
