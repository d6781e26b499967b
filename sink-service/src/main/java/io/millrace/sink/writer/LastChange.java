package io.millrace.sink.writer;

import io.millrace.schemas.Row;
import java.util.Objects;

/**
 * The state of a key at the end of the epoch, so far.
 *
 * @param isFirst no earlier epoch can have left a row of the key
 * @param isCreated the source says that the key was new when its first change in the epoch came
 * @param change the last change; its row is what the key now holds unless it is a delete
 */
record LastChange(boolean isFirst, boolean isCreated, Change change) {
  static LastChange first(Change change, boolean isFirst) {
    return new LastChange(isFirst, change.isInsert(), change);
  }

  LastChange followedBy(Change next) {
    return new LastChange(isFirst, isCreated, next);
  }

  Row key() {
    return Objects.requireNonNull(change.key());
  }
}
