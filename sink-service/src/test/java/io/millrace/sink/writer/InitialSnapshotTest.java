package io.millrace.sink.writer;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

/** Only what cannot have been in the lake before goes without an equality delete. */
class InitialSnapshotTest {
  @Test
  void lastsWhileOneSnapshotReadsOn() {
    // given
    InitialSnapshot snapshot = new InitialSnapshot(true);

    // when, then
    assertThat(snapshot.includes(change("r", "0a-01"))).isTrue();
    assertThat(snapshot.includes(change("r", "0a-02"))).isTrue();
    assertThat(snapshot.includes(change("r", "0a-07"))).isTrue();
  }

  @Test
  void endsWithTheFirstStreamedChangeForGood() {
    // given
    InitialSnapshot snapshot = new InitialSnapshot(true);
    snapshot.includes(change("r", "0a-01"));

    // when, then
    assertThat(snapshot.includes(change("c", "0b-00"))).isFalse();
    assertThat(snapshot.includes(change("r", "0c-01"))).isFalse();
  }

  @Test
  void endsWhenAnotherSnapshotBegins() {
    // given
    InitialSnapshot later = new InitialSnapshot(true);
    later.includes(change("r", "0a-01"));
    InitialSnapshot again = new InitialSnapshot(true);
    again.includes(change("r", "0a-01"));

    // when, then
    assertThat(later.includes(change("r", "0b-02"))).isFalse();
    assertThat(again.includes(change("r", "0a-01"))).isFalse();
  }

  @Test
  void isNotKnownWhenThePartitionHadABeginningElsewhere() {
    // given
    InitialSnapshot snapshot = new InitialSnapshot(false);

    // when, then
    assertThat(snapshot.includes(change("r", "0a-01"))).isFalse();
  }

  private static Change change(String op, String position) {
    return new Change(
        null, null, null, Change.Op.of(new Utf8(op)), null, 0, position, 0, Change.Origin.SOURCE);
  }
}
