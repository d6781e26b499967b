package io.millrace.runtime.streams;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every view that a stage ever ran, by generation, oldest first. A generation keeps its place, by
 * which its application is named.
 */
record Generations(List<Generation> all) {
  static final Generations NONE = new Generations(List.of());

  Generations {
    all = List.copyOf(all);
  }

  /**
   * These generations for a file that declares {@code views}: what is new becomes a generation of
   * its own. A generation of which no view is left rests, as when the stage is stopped, and may go
   * on later.
   *
   * @throws IllegalStateException when the rows of a view would not be those of its SQL, with what
   *     to do
   */
  Generations declaring(ViewDefinitions views) {
    Map<String, String> fresh = new TreeMap<>();
    List<String> obstacles = new ArrayList<>();
    new TreeMap<>(views.sql())
        .forEach(
            (name, sql) -> {
              Generation known = of(name);
              if (known == null) {
                fresh.put(name, sql);
              } else if (known.retired().contains(name)) {
                obstacles.add("view '" + name + "' was taken away and comes back");
              } else if (!sql.equals(known.views().get(name))) {
                obstacles.add("the SQL of view '" + name + "' changed");
              }
            });
    if (!obstacles.isEmpty()) {
      throw new IllegalStateException(
          String.join(", ", obstacles) + ": its topic would hold rows of then. " + REMEDY);
    }
    Set<String> names = views.sql().keySet();
    List<Generation> now = new ArrayList<>();
    all.forEach(one -> now.add(one.runs(names) ? one.retiring(names) : one));
    if (!fresh.isEmpty()) {
      now.add(Generation.of(fresh));
    }
    return new Generations(now);
  }

  /** What to do about a view whose rows would not be those of its SQL. */
  static final String REMEDY =
      "Undo the change, or give the view a new name: it is then computed from the start of the"
          + " topics that it reads, without the source";

  /** The generation that a view is of; null when it is new. */
  @Nullable Generation of(String view) {
    return all.stream().filter(one -> one.views().containsKey(view)).findFirst().orElse(null);
  }

  /**
   * The application that runs a generation.
   *
   * @param index of the generation in {@link #all}
   */
  static String applicationId(String stage, int index) {
    return index == 0 ? stage : stage + "-" + (index + 1);
  }
}
