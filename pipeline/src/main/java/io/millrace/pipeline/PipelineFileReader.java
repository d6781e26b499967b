package io.millrace.pipeline;

import static java.util.Collections.unmodifiableMap;
import static java.util.stream.Collectors.toSet;

import io.millrace.pipeline.plan.ViewSyntax;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads and validates a pipeline file. */
public final class PipelineFileReader {
  static final List<String> ROOT =
      List.of(
          "pipeline",
          "kafka",
          "registry",
          "topics",
          "streams",
          "source",
          "sources",
          "enrich",
          "aggregate",
          "lake");
  static final List<String> TOPICS = List.of("partitions", "replication_factor", "compaction_lag");
  static final List<String> SOURCE =
      List.of("connector", "config", "tables", "max_slot_lag", "on_max_slot_lag");
  static final List<String> TABLE = List.of("from", "append_only", "key");
  private static final List<String> TABLE_AND_PLANNED =
      List.of("from", "append_only", "key", "privacy");
  static final List<String> VIEW = List.of("sql");
  static final List<String> LAKE =
      List.of("catalog", "commit_every", "owner", "maintenance", "tables");
  static final List<String> MAINTENANCE =
      List.of(
          "enabled",
          "every",
          "keep_snapshots",
          "remove_orphans_after",
          "target_file_size",
          "tag_daily",
          "keep_daily_tags");

  static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  static final Pattern FROM = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*\\.[A-Za-z_][A-Za-z0-9_$]*");
  private static final Pattern URL = Pattern.compile("https?://\\S+");

  private final Path file;
  private final Findings findings;
  private final Environment environment;
  private final Map<String, FilePosition> names = new HashMap<>();
  private final ViewReader views;

  private PipelineFileReader(Path file, List<String> lines, Map<String, String> environment) {
    this.file = file;
    this.findings = new Findings(file);
    this.environment = new Environment(environment, findings);
    this.views = new ViewReader(lines, findings);
  }

  /**
   * Reads a pipeline file.
   *
   * @param environment variables for <code>${NAME}</code> and <code>${NAME:default}</code> in
   *     values; SQL is not substituted
   * @throws PipelineFileException with every error of the file: of YAML, of the model and of SQL
   *     that can be told without the source's schemas
   */
  public static PipelineFile read(Path file, Map<String, String> environment)
      throws PipelineFileException {
    String text = text(file);
    PipelineFileReader reader = new PipelineFileReader(file, text.lines().toList(), environment);
    return reader.read(root(file, text));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw single(file, new FilePosition(1, 1), "the file is not UTF-8", "save it as UTF-8");
    } catch (IOException e) {
      String reason = Files.exists(file) ? "cannot be read" : "does not exist";
      throw single(
          file, new FilePosition(1, 1), "the file " + reason, "name a pipeline file to run");
    }
  }

  private static Node root(Path file, String text) {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file.toString()).setUseMarks(true).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      return root.filter(node -> !Section.isNull(node))
          .orElseThrow(
              () ->
                  single(
                      file,
                      new FilePosition(1, 1),
                      "the file is empty",
                      "write a pipeline, beginning with 'pipeline: name'"));
    } catch (MarkedYamlEngineException e) {
      throw malformed(file, text, e);
    } catch (YamlEngineException e) {
      throw single(
          file, new FilePosition(1, 1), "the file is not YAML", "remove its control characters");
    }
  }

  private static PipelineFileException malformed(
      Path file, String text, MarkedYamlEngineException e) {
    FilePosition position =
        e.getProblemMark()
            .map((Mark mark) -> new FilePosition(mark.getLine() + 1, mark.getColumn() + 1))
            .orElse(new FilePosition(1, 1));
    String line = text.lines().skip(position.line() - 1L).findFirst().orElse("");
    return single(
        file,
        position,
        "the file is not YAML: " + e.getProblem(),
        line.contains("${")
            ? "put quotes around values with references: \"${NAME:default}\""
            : "check the indentation, the colons and the quotes here");
  }

  private static PipelineFileException single(
      Path file, FilePosition position, String problem, String remedy) {
    return new PipelineFileException(
        List.of(new PipelineFileError(file, position, problem, remedy)));
  }

  private PipelineFile read(Node node) {
    Section root = Section.root(findings, environment, node, ROOT);
    String pipeline = pipeline(root);
    Section lake = root.required("lake", LAKE, "{catalog: {...}}");
    PipelineFile result =
        new PipelineFile(
            file,
            pipeline,
            settings(root, "kafka", "bootstrap.servers", "\"localhost:9092\""),
            registry(root),
            topics(root.optional("topics", TOPICS)),
            unmodifiableMap(root.optional("streams", null).texts()),
            sources(root),
            views(root, "enrich"),
            views(root, "aggregate"),
            lake(lake));
    lakeTables(lake, result);
    findings.addAll(ViewSyntax.check(result, names.keySet()));
    findings.throwIfAny();
    return result;
  }

  /** The pipeline's name; where it is invalid, which is reported, a name to go on with. */
  private String pipeline(Section root) {
    Optional<String> pipeline = root.requiredText("pipeline", "shop");
    if (pipeline.isPresent() && !NAME.matcher(pipeline.get()).matches()) {
      root.invalid(
          "pipeline", "must be lower-case letters, digits and _, beginning with a letter", "shop");
    }
    return pipeline.filter(name -> NAME.matcher(name).matches()).orElse("invalid");
  }

  private Map<String, String> settings(Section root, String key, String needed, String example) {
    Section settings = root.required(key, null, "{" + needed + ": " + example + "}");
    settings.requiredText(needed, example);
    return unmodifiableMap(settings.texts());
  }

  private Map<String, String> registry(Section root) {
    String example = "\"http://localhost:8080/apis/ccompat/v7\"";
    Map<String, String> registry = settings(root, "registry", "url", example);
    String url = registry.get("url");
    if (url != null && !URL.matcher(url).matches()) {
      root.optional("registry", null).invalid("url", "is not an http or https address", example);
    }
    return registry;
  }

  private static TopicSettings topics(Section topics) {
    return new TopicSettings(
        topics.integer("partitions", 4, 1, 10_000),
        (short) topics.integer("replication_factor", 3, 1, 100),
        topics.duration("compaction_lag", Duration.ofDays(7), "7d"));
  }

  private List<Source> sources(Section root) {
    if (!root.has("sources")) {
      return List.of(source("", root.required("source", SOURCE, "{connector: postgresql, ...}")));
    }
    root.refuse(
        "source",
        "the pipeline file has 'source' and 'sources'",
        "move what is in 'source' to 'sources', under a name");
    Section declared = root.optional("sources", null);
    List<Source> sources = new ArrayList<>();
    for (Section.Entry entry : declared.entries()) {
      if (wellNamed(entry, "source")) {
        sources.add(source(entry.key(), declared.section(entry, SOURCE)));
      }
    }
    if (declared.entries().isEmpty()) {
      findings.add(
          declared.position(), "no source is named", "add one: shop: {connector: postgresql, ...}");
    }
    return sources.isEmpty() ? List.of(new Source("postgresql", Map.of(), Map.of())) : sources;
  }

  private Source source(String name, Section source) {
    Optional<String> connector = source.requiredText("connector", "postgresql");
    if (connector.isPresent() && !Source.CONNECTORS.contains(connector.get())) {
      source.invalid(
          "connector",
          "is not supported: " + String.join(", ", Source.CONNECTORS) + " are",
          Source.POSTGRESQL);
    }
    String kind = connector.filter(Source.CONNECTORS::contains).orElse(Source.POSTGRESQL);
    Section config = source.required("config", null, "{database.hostname: ...}");
    config.requiredText("database.hostname", "localhost");
    config.requiredText("database.user", "millrace");
    if (kind.equals(Source.POSTGRESQL)) {
      config.requiredText("database.dbname", "shop");
    }
    Section declared = source.required("tables", null, "{orders: {from: public.orders}}");
    Map<String, SourceTable> tables = new LinkedHashMap<>();
    Map<String, String> captured = new HashMap<>();
    for (Section.Entry entry : declared.entries()) {
      if (named(entry, "table")) {
        table(declared.section(entry, TABLE_AND_PLANNED), entry, captured)
            .ifPresent(table -> tables.put(table.name(), table));
      }
    }
    if (source.has("tables") && declared.entries().isEmpty()) {
      findings.add(
          declared.position(), "no table is captured", "add one: orders: {from: public.orders}");
    }
    if (!kind.equals(Source.POSTGRESQL)) {
      for (String key : List.of("max_slot_lag", "on_max_slot_lag")) {
        if (source.has(key)) {
          source.invalid(key, "is of PostgreSQL's replication slots: remove it", "10GB");
        }
      }
    }
    return new Source(
        name, kind, unmodifiableMap(config.texts()), unmodifiableMap(tables), slotLimit(source));
  }

  private static SlotLimit slotLimit(Section source) {
    Optional<String> then = source.text("on_max_slot_lag");
    if (then.isPresent() && !Set.of("alarm", "drop_slot").contains(then.get())) {
      source.invalid("on_max_slot_lag", "is neither alarm nor drop_slot", "alarm");
    }
    return new SlotLimit(
        source.bytes("max_slot_lag", SlotLimit.DEFAULT.maxLagBytes(), "10GB"),
        then.equals(Optional.of("drop_slot")));
  }

  private Optional<SourceTable> table(
      Section table, Section.Entry entry, Map<String, String> captured) {
    String example = "public." + entry.key();
    table.refuse(
        "privacy",
        "'privacy' is not supported yet",
        "remove it, and leave the column out of what the database publishes if it must not leave");
    Optional<String> from = table.requiredText("from", example);
    if (from.isPresent()) {
      if (!FROM.matcher(from.get()).matches()) {
        table.invalid("from", "is not a table written as schema.table", example);
      }
      String other = captured.put(from.get(), entry.key());
      if (other != null) {
        table.invalid("from", "is captured already, as '" + other + "'", example);
      }
    }
    boolean appendOnly = table.flag("append_only", false);
    List<String> key = table.names("key", "[id]");
    return from.map(
        name -> new SourceTable(entry.key(), name, appendOnly, key, entry.keyPosition()));
  }

  private Map<String, View> views(Section root, String key) {
    Map<String, View> views = new LinkedHashMap<>();
    Section section = root.optional(key, null);
    for (Section.Entry entry : section.entries()) {
      if (named(entry, "view")) {
        section
            .section(entry, VIEW)
            .requiredScalar("sql", "SELECT ...")
            .flatMap(node -> this.views.read(entry.key(), node))
            .ifPresent(view -> views.put(view.name(), view));
      }
    }
    return unmodifiableMap(views);
  }

  private boolean wellNamed(Section.Entry entry, String what) {
    boolean fits = NAME.matcher(entry.key()).matches();
    if (!fits) {
      findings.add(
          entry.keyPosition(),
          "'" + entry.key() + "' is not a name for a " + what,
          "use at most 63 lower-case letters, digits and _, beginning with a letter");
    }
    return fits;
  }

  /** Whether a table or view may be called so; reports it if not. */
  private boolean named(Section.Entry entry, String what) {
    String name = entry.key();
    if (!wellNamed(entry, what)) {
      return false;
    }
    FilePosition other = names.putIfAbsent(name, entry.keyPosition());
    if (other != null) {
      findings.add(
          entry.keyPosition(),
          "the name '" + name + "' is taken in line " + other.line(),
          "give each table and view a name of its own");
      return false;
    }
    return true;
  }

  private Lake lake(Section lake) {
    Section catalog = lake.required("catalog", null, "{type: jdbc, uri: ..., warehouse: ...}");
    Optional<String> type = catalog.requiredText("type", "jdbc");
    switch (type.orElse("")) {
      // It may know its only warehouse.
      case "rest" -> catalog.requiredText("uri", "\"https://catalog.example.com\"");
      case "jdbc" -> {
        catalog.requiredText("uri", "\"jdbc:postgresql://localhost:5432/lake\"");
        catalog.requiredText("warehouse", "\"s3://bucket/path\"");
      }
      default -> catalog.requiredText("warehouse", "\"s3://bucket/path\"");
    }
    Duration commitEvery = lake.duration("commit_every", Duration.ofSeconds(5), "5s");
    Maintenance maintenance = maintenance(lake, Maintenance.DEFAULT, commitEvery);
    LakeTableReader reader = new LakeTableReader(findings);
    Map<String, LakeTableSettings> tables = new HashMap<>();
    Section declared = lake.optional("tables", null);
    for (Section.Entry entry : declared.entries()) {
      Section table = declared.section(entry, LakeTableReader.KEYS);
      Maintenance own =
          table.has("maintenance") ? maintenance(table, maintenance, commitEvery) : null;
      tables.put(entry.key(), reader.read(table, own));
    }
    return new Lake(
        unmodifiableMap(catalog.texts()),
        commitEvery,
        maintenance,
        lake.text("owner").orElse(null),
        Map.copyOf(tables));
  }

  private static Maintenance maintenance(Section of, Maintenance usual, Duration commitEvery) {
    Section section = of.optional("maintenance", MAINTENANCE);
    Duration orphans = section.duration("remove_orphans_after", usual.removeOrphansAfter(), "3d");
    if (orphans.compareTo(Maintenance.youngestOrphan(commitEvery)) < 0) {
      section.invalid(
          "remove_orphans_after",
          "is not an hour longer than 'commit_every': files that are being written would go",
          "3d");
    }
    return new Maintenance(
        section.flag("enabled", usual.enabled()),
        section.duration("every", usual.every(), "10m"),
        section.duration("keep_snapshots", usual.keepSnapshots(), "1h"),
        orphans,
        section.bytes("target_file_size", usual.targetFileSize(), "256MB"),
        section.flag("tag_daily", usual.tagDaily()),
        section.duration("keep_daily_tags", usual.keepDailyTags(), "30d"));
  }

  private void lakeTables(Section lake, PipelineFile pipeline) {
    Set<String> known = pipeline.lakeTables().stream().map(LakeTable::identifier).collect(toSet());
    Section tables = lake.optional("tables", null);
    for (Section.Entry entry : tables.entries()) {
      if (!known.contains(entry.key())) {
        findings.add(
            entry.keyPosition(),
            "the pipeline keeps no lake table '" + entry.key() + "'",
            Spelling.suggestion(entry.key(), new TreeSet<>(known)));
      }
    }
  }
}
