package io.millrace.sink.commit;

import io.millrace.schemas.DataFileDescriptor;
import io.millrace.sink.commit.TableProgress.Control;
import io.millrace.sink.commit.TableProgress.SourceProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is to be applied to a table, given how far it has come.
 *
 * <p>Each round becomes one snapshot with a sequence number of its own. An equality delete reaches
 * only files of lower sequence numbers, so a descriptor with deletes must come in a later round
 * than the descriptors of its source partition before it. Different source partitions hold
 * different keys and share rounds. Deletion vectors name rows, so they need no rounds.
 *
 * @param rounds in order
 */
record CommitPlan(List<Round> rounds) {
  /**
   * One snapshot.
   *
   * @param descriptors whose files it adds
   * @param after how far the table has come with it
   */
  record Round(List<DataFileDescriptor> descriptors, TableProgress after) {
    boolean hasDeletes() {
      return descriptors.stream().anyMatch(descriptor -> !descriptor.deleteFiles().isEmpty());
    }
  }

  /**
   * A descriptor and where it stands in the lake-commits topic.
   *
   * @param offset its offset
   */
  record Received(long offset, DataFileDescriptor descriptor) {}

  /**
   * Plans the next commit of a table.
   *
   * @param progress how far the table has come
   * @param topicId id of the lake-commits topic
   * @param partition partition of the lake-commits topic
   * @param received descriptors of the table, in the order of their offsets
   * @return rounds for those that are not applied yet; none when all are
   * @throws ProtocolViolationException when they do not continue where the table is
   */
  static CommitPlan of(
      TableProgress progress, String topicId, int partition, List<Received> received) {
    requireSameControlTopic(progress, topicId, partition, received);
    Planner planner = new Planner(progress);
    for (Received one : received) {
      Control after = new Control(topicId, partition, one.offset() + 1);
      if (!progress.covers(after)) {
        planner.add(one.descriptor(), after);
      }
    }
    return planner.plan();
  }

  /** What the plan applies, in order. */
  List<DataFileDescriptor> descriptors() {
    return rounds.stream().flatMap(round -> round.descriptors().stream()).toList();
  }

  /** How far the table has come when the plan is carried out. */
  TableProgress after() {
    return rounds.getLast().after();
  }

  private static void requireSameControlTopic(
      TableProgress progress, String topicId, int partition, List<Received> received) {
    Control control = progress.control();
    if (control == null || received.isEmpty()) {
      return;
    }
    if (!control.topicId().equals(topicId) || control.partition() != partition) {
      throw new ProtocolViolationException(
          ("lake table %s was last committed from partition %d of lake-commits topic %s, and now"
                  + " its descriptors come from partition %d of %s: the topic was deleted and made"
                  + " again, or its partitions were changed. What the old topic held is lost to"
                  + " the table: drop the pipeline's lake tables and reset its consumer groups to"
                  + " build them anew")
              .formatted(
                  received.getFirst().descriptor().table(),
                  control.partition(),
                  control.topicId(),
                  partition,
                  topicId));
    }
  }

  private static final class Planner {
    private final Map<String, SourceProgress> sources;
    private final Map<String, Integer> roundOf = new HashMap<>();
    private final List<List<DataFileDescriptor>> rounds = new ArrayList<>();
    private TableProgress last;

    Planner(TableProgress start) {
      this.last = start;
      this.sources = new HashMap<>(start.sources());
    }

    void add(DataFileDescriptor descriptor, Control after) {
      String source = descriptor.topic() + "-" + descriptor.partition();
      requireSameTopic(descriptor);
      requireContiguous(descriptor, source);
      sources.put(source, new SourceProgress(descriptor.topicId(), descriptor.endOffset()));
      Integer previous = roundOf.get(source);
      int round = previous == null ? 0 : previous;
      if (previous != null && !descriptor.deleteFiles().isEmpty()) {
        round++;
      }
      roundOf.put(source, round);
      if (round == rounds.size()) {
        rounds.add(new ArrayList<>());
      }
      rounds.get(round).add(descriptor);
      last = new TableProgress(after, sources);
    }

    /** Whichever of its partitions the table has rows of. */
    private void requireSameTopic(DataFileDescriptor descriptor) {
      sources.forEach(
          (source, have) -> {
            boolean sameName =
                source.substring(0, source.lastIndexOf('-')).equals(descriptor.topic());
            if (sameName && !have.topicId().equals(descriptor.topicId())) {
              throw new ProtocolViolationException(
                  ("lake table %s holds topic %s with id %s, and now its descriptors come from id"
                          + " %s: the topic was deleted and made again. Drop the lake tables of"
                          + " the topic and reset the pipeline's consumer groups to build them"
                          + " anew")
                      .formatted(
                          descriptor.table(),
                          descriptor.topic(),
                          have.topicId(),
                          descriptor.topicId()));
            }
          });
    }

    private void requireContiguous(DataFileDescriptor descriptor, String source) {
      SourceProgress have = sources.get(source);
      long expected = have == null ? DataFileDescriptor.BEGINNING : have.offset();
      if (descriptor.startOffset() != expected) {
        throw new ProtocolViolationException(
            ("lake table %s holds partition %s up to offset %s, but the next descriptor covers"
                    + " [%s, %d): %s. Nothing was committed. If the consumer group of the sink's"
                    + " writer was reset or has expired, or the lake table was dropped, then drop"
                    + " all lake tables of the topic and reset the group to the beginning")
                .formatted(
                    descriptor.table(),
                    source,
                    offset(expected),
                    offset(descriptor.startOffset()),
                    descriptor.endOffset(),
                    descriptor.startOffset() > expected
                        ? "records between are missing"
                        : "records would be applied twice"));
      }
    }

    private static String offset(long offset) {
      return offset == DataFileDescriptor.BEGINNING ? "'the beginning'" : String.valueOf(offset);
    }

    CommitPlan plan() {
      List<Round> planned = new ArrayList<>();
      for (List<DataFileDescriptor> round : rounds) {
        // The rounds land together or not at all, so each may say what they come to together.
        planned.add(new Round(List.copyOf(round), last));
      }
      return new CommitPlan(List.copyOf(planned));
    }
  }
}
