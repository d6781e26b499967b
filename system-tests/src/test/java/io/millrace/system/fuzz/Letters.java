package io.millrace.system.fuzz;

import io.millrace.local.letters.Letter;
import io.millrace.local.letters.LetterBox;
import io.millrace.local.letters.LetterFilter;
import io.millrace.local.letters.Place;
import io.millrace.pipeline.PipelineFile;
import io.millrace.schemas.DeadLetter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** The dead letters about records that could not be taken in, by stage and place. */
final class Letters {
  private final Map<String, Map<TopicPartition, Set<Long>>> offsets = new HashMap<>();
  private final Map<Place, Long> checksums = new HashMap<>();
  private final Map<String, Long> withValue = new HashMap<>();
  private final Set<String> twice = new HashSet<>();
  private long ofViews;

  static Letters read(PipelineFile pipeline) {
    Letters letters = new Letters();
    try (LetterBox box = new LetterBox(pipeline)) {
      box.read(LetterFilter.ANY, letters::add);
    }
    return letters;
  }

  private void add(Letter letter) {
    Place origin = letter.origin();
    if (origin == null || letter.headers().containsKey(DeadLetter.VIEW)) {
      ofViews++;
      return;
    }
    TopicPartition partition = new TopicPartition(origin.topic(), origin.partition());
    boolean isFirst =
        offsets
            .computeIfAbsent(letter.stage(), any -> new HashMap<>())
            .computeIfAbsent(partition, any -> new HashSet<>())
            .add(origin.offset());
    if (!isFirst) {
      twice.add(letter.stage() + " " + origin);
    }
    checksums.put(origin, TopicRecords.checksum(letter.record().key(), letter.record().value()));
    if (letter.record().value() != null) {
      withValue.merge(letter.stage() + " " + origin.topic(), 1L, Long::sum);
    }
  }

  /** Offsets of a partition's records that a stage could not take in. */
  Set<Long> offsets(String stage, TopicPartition partition) {
    return offsets.getOrDefault(stage, Map.of()).getOrDefault(partition, Set.of());
  }

  long count(String stage, String topic) {
    return offsets.getOrDefault(stage, Map.of()).entrySet().stream()
        .filter(entry -> entry.getKey().topic().equals(topic))
        .mapToLong(entry -> entry.getValue().size())
        .sum();
  }

  /** Of them, those that are no tombstones. */
  long countWithValue(String stage, String topic) {
    return withValue.getOrDefault(stage + " " + topic, 0L);
  }

  /** Checksums of key and value, by where the record stands. */
  Map<Place, Long> checksums() {
    return checksums;
  }

  /** Records that a stage complained about twice. */
  Set<String> twice() {
    return twice;
  }

  /** Letters of expressions that failed on rows. */
  long ofViews() {
    return ofViews;
  }
}
