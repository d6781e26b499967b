package io.millrace.pipeline;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Guesses what a mistyped name was meant to be. */
public final class Spelling {
  private Spelling() {}

  /** The candidate that differs from {@code word} by the fewest edits, if it is near enough. */
  public static Optional<String> closest(String word, Collection<String> candidates) {
    String typed = word.toLowerCase(Locale.ROOT);
    int furthest = Math.max(1, typed.length() / 3);
    return candidates.stream()
        .filter(candidate -> distance(typed, candidate.toLowerCase(Locale.ROOT)) <= furthest)
        .min(
            Comparator.comparingInt(
                (String candidate) -> distance(typed, candidate.toLowerCase(Locale.ROOT))));
  }

  /** {@code did you mean 'x'?}, or else the list of what there is. */
  public static String suggestion(String word, Collection<String> candidates) {
    return closest(word, candidates)
        .map(candidate -> "did you mean '" + candidate + "'?")
        .orElseGet(
            () ->
                candidates.isEmpty()
                    ? "there is none to choose from"
                    : "write one of " + String.join(", ", candidates));
  }

  /** Levenshtein's distance, by the two-row method. */
  private static int distance(String from, String to) {
    int[] previous = new int[to.length() + 1];
    int[] current = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int substitution = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] swapped = previous;
      previous = current;
      current = swapped;
    }
    return previous[to.length()];
  }
}
