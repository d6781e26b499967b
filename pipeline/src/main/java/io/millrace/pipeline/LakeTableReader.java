package io.millrace.pipeline;

import io.millrace.pipeline.TableLayout.PartitionField;
import io.millrace.pipeline.TableLayout.SortField;
import io.millrace.pipeline.TableLayout.Transform;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what the file says of one lake table. */
final class LakeTableReader {
  static final List<String> KEYS =
      List.of(
          "format_version",
          "maintenance",
          "partition_by",
          "sort_by",
          "comment",
          "owner",
          "column_comments");

  private static final String COLUMN = "[A-Za-z_][A-Za-z0-9_]*";
  private static final Pattern TIME =
      Pattern.compile("(year|month|day|hour)\\(\\s*(" + COLUMN + ")\\s*\\)");
  private static final Pattern SIZED =
      Pattern.compile("(bucket|truncate)\\(\\s*([1-9]\\d{0,8})\\s*,\\s*(" + COLUMN + ")\\s*\\)");
  private static final Pattern SORT = Pattern.compile("(" + COLUMN + ")(?:\\s+(asc|desc))?");
  private static final String PARTITION_EXAMPLE = "[day(placed_at), bucket(16, customer_id)]";

  private static final String SORT_EXAMPLE = "[customer_id, placed_at desc]";

  private final Findings findings;

  LakeTableReader(Findings findings) {
    this.findings = findings;
  }

  /**
   * Reads a table.
   *
   * @param maintenance its own, if it has one
   */
  LakeTableSettings read(Section table, @Nullable Maintenance maintenance) {
    return new LakeTableSettings(
        formatVersion(table).orElse(null),
        maintenance,
        new TableLayout(partitionBy(table), sortBy(table)),
        new TableDescription(
            table.text("comment").orElse(null),
            table.text("owner").orElse(null),
            table.optional("column_comments", null).texts()));
  }

  private static Optional<Integer> formatVersion(Section table) {
    Optional<String> version = table.text("format_version");
    if (version.isPresent() && !Set.of("2", "3").contains(version.get())) {
      table.invalid("format_version", "is not a version of Iceberg's format that is written", "3");
      return Optional.empty();
    }
    return version.map(Integer::valueOf);
  }

  private @Nullable List<PartitionField> partitionBy(Section table) {
    if (!table.has("partition_by")) {
      return null;
    }
    List<PartitionField> fields = new ArrayList<>();
    Set<Object> taken = new HashSet<>();
    for (Section.Item term : terms(items(table, "partition_by", PARTITION_EXAMPLE))) {
      PartitionField field = partitionField(term.text());
      if (field == null) {
        findings.add(
            term.position(),
            "an item of 'partition_by' is neither a column nor one of year(c), month(c), day(c),"
                + " hour(c), bucket(n, c), truncate(n, c)",
            "write for example 'partition_by: " + PARTITION_EXAMPLE + "'");
      } else if (!taken.add(field.transform().isTime() ? field.column() : field)) {
        findings.add(
            term.position(),
            "'partition_by' has this twice, or two times of one column",
            "keep one; the finer time tells the coarser");
      } else {
        fields.add(field);
      }
    }
    return fields;
  }

  private static List<Section.Item> items(Section table, String key, String example) {
    Optional<List<Section.Item>> items = table.items(key);
    if (items.isEmpty()) {
      table.invalid(key, "is not a list of texts", example);
    }
    return items.orElse(List.of());
  }

  /** In {@code [bucket(16, id)]} YAML takes the comma for the end of an item. */
  private static List<Section.Item> terms(List<Section.Item> items) {
    List<Section.Item> terms = new ArrayList<>();
    for (Section.Item item : items) {
      Section.Item last = terms.isEmpty() ? null : terms.getLast();
      if (last != null && last.text().contains("(") && !last.text().contains(")")) {
        terms.removeLast();
        terms.add(new Section.Item(last.text() + "," + item.text(), last.position()));
      } else {
        terms.add(item);
      }
    }
    return terms;
  }

  private static @Nullable PartitionField partitionField(String text) {
    Matcher time = TIME.matcher(text);
    if (time.matches()) {
      return new PartitionField(transform(time), 0, time.group(2));
    }
    Matcher sized = SIZED.matcher(text);
    if (sized.matches()) {
      return new PartitionField(transform(sized), Integer.parseInt(sized.group(2)), sized.group(3));
    }
    return text.matches(COLUMN) ? new PartitionField(Transform.IDENTITY, 0, text) : null;
  }

  private static Transform transform(Matcher term) {
    return Transform.valueOf(term.group(1).toUpperCase(Locale.ROOT));
  }

  private @Nullable List<SortField> sortBy(Section table) {
    if (!table.has("sort_by")) {
      return null;
    }
    List<SortField> fields = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (Section.Item item : items(table, "sort_by", SORT_EXAMPLE)) {
      Matcher field = SORT.matcher(item.text());
      if (!field.matches()) {
        findings.add(
            item.position(),
            "an item of 'sort_by' is not a column, with asc or desc behind it or nothing",
            "write for example 'sort_by: " + SORT_EXAMPLE + "'");
      } else if (!taken.add(field.group(1))) {
        findings.add(item.position(), "'sort_by' has this column twice", "keep the first");
      } else {
        fields.add(new SortField(field.group(1), "desc".equals(field.group(2))));
      }
    }
    return fields;
  }
}
