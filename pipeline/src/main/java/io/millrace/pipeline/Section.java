package io.millrace.pipeline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One mapping of the file; reads its entries and reports what is wrong with them. */
final class Section {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  /** As PostgreSQL writes sizes: a kB is 1024 bytes. */
  private static final Pattern BYTES = Pattern.compile("(\\d{1,6})(kB|MB|GB|TB)");

  /** A key and its value. */
  record Entry(String key, FilePosition keyPosition, Node value) {
    FilePosition position() {
      return at(value);
    }
  }

  /** A text in a list. */
  record Item(String text, FilePosition position) {}

  private final Findings findings;
  private final Environment environment;
  private final String name;
  private final FilePosition position;
  private final boolean present;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private Section(
      Findings findings,
      Environment environment,
      String name,
      FilePosition position,
      boolean present) {
    this.present = present;
    this.findings = findings;
    this.environment = environment;
    this.name = name;
    this.position = position;
  }

  /** The file's outermost mapping. */
  static Section root(
      Findings findings, Environment environment, Node node, Collection<String> keys) {
    return of(findings, environment, "the pipeline file", at(node), node, keys);
  }

  /**
   * A mapping.
   *
   * @param keys the keys that it may have; null if any
   */
  private static Section of(
      Findings findings,
      Environment environment,
      String name,
      FilePosition position,
      @Nullable Node node,
      @Nullable Collection<String> keys) {
    boolean present = node != null && (node instanceof MappingNode || isNull(node));
    Section section = new Section(findings, environment, name, position, present);
    if (node instanceof MappingNode mapping) {
      mapping.getValue().forEach(entry -> section.read(entry, keys));
    } else if (node != null && !present) {
      findings.add(at(node), name + " must be a mapping", "write 'key: value' entries under it");
    }
    return section;
  }

  private void read(NodeTuple tuple, @Nullable Collection<String> keys) {
    FilePosition keyPosition = at(tuple.getKeyNode());
    if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
      findings.add(keyPosition, "a key of " + name + " is not a name", "write a plain name");
      return;
    }
    String key = scalar.getValue();
    if (keys != null && !keys.contains(key)) {
      findings.add(
          keyPosition,
          "unknown key '" + key + "' in " + name,
          key.equals("<<")
              ? "YAML merge keys are not supported: write the entries out"
              : Spelling.suggestion(key, keys));
    } else if (entries.containsKey(key)) {
      findings.add(keyPosition, "'" + key + "' stands twice in " + name, "remove one of the two");
    } else {
      entries.put(key, new Entry(key, keyPosition, tuple.getValueNode()));
    }
  }

  FilePosition position() {
    return position;
  }

  Collection<Entry> entries() {
    return entries.values();
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  /** Reports {@code key} as refused, if it is there. */
  void refuse(String key, String problem, String remedy) {
    Entry entry = entries.get(key);
    if (entry != null) {
      findings.add(entry.keyPosition(), problem, remedy);
    }
  }

  /** The section under {@code key}; an empty one, reported, if it is missing. */
  Section required(String key, @Nullable Collection<String> keys, String example) {
    if (!entries.containsKey(key)) {
      missing(key, example);
    }
    return optional(key, keys);
  }

  /** The section under {@code key}; an empty one if it is missing. */
  Section optional(String key, @Nullable Collection<String> keys) {
    Entry entry = entries.get(key);
    return of(
        findings,
        environment,
        "'" + key + "'",
        entry == null ? position : entry.keyPosition(),
        entry == null ? null : entry.value(),
        keys);
  }

  /** The entry's value as a section. */
  Section section(Entry entry, Collection<String> keys) {
    return of(
        findings, environment, "'" + entry.key() + "'", entry.keyPosition(), entry.value(), keys);
  }

  /** Reports that a key is missing, unless the whole section is. */
  void missing(String key, String example) {
    if (present) {
      findings.add(position, name + " has no '" + key + "'", "add '" + key + ": " + example + "'");
    }
  }

  /** The node under a required key. */
  Optional<ScalarNode> requiredScalar(String key, String example) {
    Entry entry = entries.get(key);
    if (entry == null) {
      missing(key, example);
      return Optional.empty();
    }
    return scalar(entry);
  }

  /** The text under a required key, substituted. */
  Optional<String> requiredText(String key, String example) {
    Entry entry = entries.get(key);
    if (entry == null) {
      missing(key, example);
      return Optional.empty();
    }
    return text(entry);
  }

  /** The text under a key, substituted. */
  Optional<String> text(String key) {
    Entry entry = entries.get(key);
    return entry == null ? Optional.empty() : text(entry);
  }

  private Optional<String> text(Entry entry) {
    return scalar(entry).map(node -> environment.substitute(node.getValue(), firstCharacter(node)));
  }

  private Optional<ScalarNode> scalar(Entry entry) {
    if (entry.value() instanceof ScalarNode node && !isNull(node)) {
      return Optional.of(node);
    }
    findings.add(
        entry.position(),
        "'" + entry.key() + "' must be one value",
        "write '" + entry.key() + ": value'; an empty text is \"\"");
    return Optional.empty();
  }

  /** Every entry as text, substituted. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Entry entry : entries.values()) {
      text(entry).ifPresent(text -> texts.put(entry.key(), text));
    }
    return texts;
  }

  int integer(String key, int fallback, int least, int most) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return fallback;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // reported below, together with numbers out of range
    }
    invalid(key, "is not a whole number from " + least + " to " + most, String.valueOf(fallback));
    return fallback;
  }

  boolean flag(String key, boolean fallback) {
    Optional<String> text = text(key);
    if (text.isPresent() && !List.of("true", "false").contains(text.get())) {
      invalid(key, "is neither true nor false", "true");
    }
    return text.map("true"::equals).orElse(fallback);
  }

  /** Names under a key, each once; none when the key is not there. */
  List<String> names(String key, String example) {
    if (!entries.containsKey(key)) {
      return List.of();
    }
    Optional<List<String>> names =
        items(key)
            .map(items -> items.stream().map(Item::text).toList())
            .filter(all -> !all.isEmpty() && new HashSet<>(all).size() == all.size());
    if (names.isEmpty()) {
      invalid(key, "is not a list of names, each once", example);
    }
    return names.orElse(List.of());
  }

  /** The list of texts under a key, substituted; empty where there is none. */
  Optional<List<Item>> items(String key) {
    Entry entry = entries.get(key);
    if (entry == null || !(entry.value() instanceof SequenceNode sequence)) {
      return Optional.empty();
    }
    List<Item> items = new ArrayList<>();
    for (Node node : sequence.getValue()) {
      if (!(node instanceof ScalarNode item) || isNull(item) || item.getValue().isEmpty()) {
        return Optional.empty();
      }
      items.add(new Item(environment.substitute(item.getValue(), firstCharacter(item)), at(item)));
    }
    return Optional.of(items);
  }

  Duration duration(String key, Duration fallback, String example) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return fallback;
    }
    Matcher matcher = DURATION.matcher(text.get());
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      Duration duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
          };
      if (duration.isPositive()) {
        return duration;
      }
    }
    invalid(key, "is not a duration above zero: a number and one of ms, s, m, h, d", example);
    return fallback;
  }

  long bytes(String key, long fallback, String example) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return fallback;
    }
    Matcher matcher = BYTES.matcher(text.get());
    long amount = matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    if (amount > 0) {
      int unit =
          switch (matcher.group(2)) {
            case "kB" -> 10;
            case "MB" -> 20;
            case "GB" -> 30;
            default -> 40;
          };
      return amount << unit;
    }
    invalid(key, "is not a size above zero: a number and one of kB, MB, GB, TB", example);
    return fallback;
  }

  /** Reports a value without repeating it: it may come from the environment, and be a secret. */
  void invalid(String key, String problem, String example) {
    Entry entry = entries.get(key);
    findings.add(
        entry == null ? position : entry.position(),
        "'" + key + "' " + problem,
        "write for example '" + key + ": " + example + "'");
  }

  static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  static FilePosition at(Node node) {
    Mark mark = node.getStartMark().orElseThrow();
    return new FilePosition(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private static FilePosition firstCharacter(ScalarNode node) {
    FilePosition start = at(node);
    return node.isPlain() ? start : new FilePosition(start.line(), start.column() + 1);
  }
}
