package io.millrace.local.letters;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which letters are meant.
 *
 * @param ids letters by name; none for any
 * @param stage of this stage
 * @param topic whose record stood in this topic
 * @param error whose error's class or message holds this text, whatever its case
 */
public record LetterFilter(
    Set<String> ids, @Nullable String stage, @Nullable String topic, @Nullable String error) {
  /** Every letter. */
  public static final LetterFilter ANY = new LetterFilter(Set.of(), null, null, null);

  boolean test(Letter letter) {
    return (ids.isEmpty() || ids.contains(letter.id()))
        && (topic == null || topic.equals(letter.topic()))
        && (error == null || contains(letter.error(), error) || contains(letter.message(), error));
  }

  /** Whether letters of a stage may be meant. */
  boolean mayBeOf(String name) {
    return (stage == null || stage.equals(name))
        && (ids.isEmpty() || ids.stream().anyMatch(id -> id.startsWith(name + "/")));
  }

  private static boolean contains(String text, String part) {
    return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
  }
}
