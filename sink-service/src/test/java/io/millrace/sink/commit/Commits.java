package io.millrace.sink.commit;

import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.lake.LakeCatalog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.TableOperations;

/** Plays a lake-commits topic of one partition and its committer, without Kafka. */
public final class Commits {
  static final String TOPIC_ID = "lake-commits-id";

  static final Duration PATIENCE = Duration.ofSeconds(2);

  private final LakeCatalog catalog;
  private final List<CommitPlan.Received> topic = new ArrayList<>();

  /** A topic that is empty yet, into the tables of {@code catalog}. */
  public Commits(LakeCatalog catalog) {
    this.catalog = catalog;
  }

  /** Appends descriptors to the topic. */
  public void send(List<DataFileDescriptor> descriptors) {
    descriptors.forEach(descriptor -> topic.add(new CommitPlan.Received(topic.size(), descriptor)));
  }

  /** A committer of a table commits everything that the topic holds for it, from the beginning. */
  public List<DataFileDescriptor> commit(String table) {
    return commit(table, UnaryOperator.identity());
  }

  /** Likewise, with something around the catalog. */
  List<DataFileDescriptor> commit(String table, UnaryOperator<TableOperations> around) {
    return commit(table, around, received(table));
  }

  /** Likewise, of a committer that has read less. */
  List<DataFileDescriptor> commit(
      String table, UnaryOperator<TableOperations> around, List<CommitPlan.Received> descriptors) {
    return new TableCommitter(
            table,
            () -> around.apply(((HasTableOperations) catalog.load(table)).operations()),
            PATIENCE)
        .apply(TOPIC_ID, 0, descriptors);
  }

  List<CommitPlan.Received> received(String table) {
    return topic.stream().filter(one -> one.descriptor().table().equals(table)).toList();
  }
}
