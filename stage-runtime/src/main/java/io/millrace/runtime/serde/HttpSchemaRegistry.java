package io.millrace.runtime.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry with Confluent's REST API: Apicurio Registry (under {@code /apis/ccompat/v7}),
 * Confluent's, Karapace.
 */
public final class HttpSchemaRegistry implements SchemaRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(HttpSchemaRegistry.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration UNKNOWN = Duration.ofMinutes(1);

  /** After an id was asked for patiently, the registry is no longer just coming back. */
  private static final Duration SETTLED = Duration.ofSeconds(5);

  private static final int MOST_UNKNOWN = 10_000;

  private final RegistryHttp http;
  private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
  private final Map<Registered, Integer> ids = new ConcurrentHashMap<>();

  /** Until when ids count as unknown without asking twice, by System.nanoTime. */
  private final Map<Integer, Long> unknown = new ConcurrentHashMap<>();

  /** Until when an id that the registry does not have is unknown at once, likewise. */
  private volatile @Nullable Long settled;

  private record Registered(String subject, Schema schema) {}

  /**
   * A client; asks nothing yet.
   *
   * @param settings the file's {@code registry} settings: {@code url}; {@code basic.auth.user.info}
   *     as {@code user:password}; {@code bearer.auth.token}; {@code ssl.*} as of Kafka clients
   * @throws IllegalArgumentException for a setting that is missing, unknown or malformed
   */
  public HttpSchemaRegistry(Map<String, String> settings) {
    this(settings, Duration.ofSeconds(30));
  }

  /**
   * A client that gives up otherwise than after 30 seconds.
   *
   * @param patience how long after its first attempt a request is still repeated
   * @throws IllegalArgumentException for a setting that is missing, unknown or malformed
   */
  public HttpSchemaRegistry(Map<String, String> settings, Duration patience) {
    this.http = new RegistryHttp(RegistrySettings.of(settings), patience);
  }

  @Override
  public int register(String subject, Schema schema) {
    Registered wanted = new Registered(subject, schema);
    Integer known = ids.get(wanted);
    if (known != null) {
      return known;
    }
    boolean kept = keepBackward(subject);
    int id = postVersion(subject, schema);
    if (!kept && !keepBackward(subject)) {
      throw new RegistryRefusedException(
          "registry %s has no subject %s although it just registered a schema under it"
              .formatted(http.url(), subject),
          null);
    }
    ids.put(wanted, id);
    LOG.debug("Schema {} of subject {} has id {}", schema.getFullName(), subject, id);
    return id;
  }

  /** False when the subject does not exist yet, of which some registries keep no settings. */
  private boolean keepBackward(String subject) {
    RegistryHttp.Answer answer =
        http.put("/config/" + encoded(subject), "{\"compatibility\":\"BACKWARD\"}");
    if (answer.absent()) {
      return false;
    }
    if (!answer.ok()) {
      throw http.refused("set the compatibility of subject " + subject, answer);
    }
    return true;
  }

  private int postVersion(String subject, Schema schema) {
    String body =
        JSON.createObjectNode()
            .put("schemaType", "AVRO")
            .put("schema", schema.toString())
            .toString();
    RegistryHttp.Answer answer = http.post("/subjects/" + encoded(subject) + "/versions", body);
    if (answer.status() == 409) {
      throw incompatible(subject, schema, answer);
    }
    if (!answer.ok()) {
      throw http.refused("register a schema under subject " + subject, answer);
    }
    return parse(answer).path("id").intValue();
  }

  private IncompatibleSchemaException incompatible(
      String subject, Schema schema, RegistryHttp.Answer answer) {
    String why =
        latest(subject)
            .map(earlier -> SchemaContradictions.of(schema, earlier))
            .filter(text -> !text.isEmpty())
            .orElseGet(answer::message);
    return new IncompatibleSchemaException(
        ("the new schema of subject %s cannot read what its topic holds: %s. Undo the change (a new"
                + " column must be nullable or have a default, a type may only widen), or give the"
                + " table or view a new name")
            .formatted(subject, why));
  }

  @Override
  public Schema schema(int id) {
    Schema known = schemas.get(id);
    if (known != null) {
      return known;
    }
    Schema schema = find(id);
    Schema earlier = schemas.putIfAbsent(id, schema);
    return earlier == null ? schema : earlier;
  }

  /**
   * Asks again before it calls an id unknown: a registry that comes back from a crash fills while
   * it already answers, and what is called unknown makes dead letters.
   */
  private Schema find(int id) {
    if (id < 0) {
      throw new UnknownSchemaException("no registry has a schema with id " + id);
    }
    boolean known = isAhead(unknown.get(id)) || isAhead(settled);
    Duration pause = FIRST_PAUSE;
    while (true) {
      RegistryHttp.Answer answer = http.get("/schemas/ids/" + id);
      if (answer.ok()) {
        return parseSchema(answer);
      }
      if (!answer.absent()) {
        throw http.refused("read schema " + id, answer);
      }
      if (known || pause.compareTo(LONGEST_PAUSE) > 0) {
        remember(id, known);
        throw new UnknownSchemaException("registry " + http.url() + " has no schema with id " + id);
      }
      refuseEmpty();
      pause = http.sleep(pause);
    }
  }

  private static boolean isAhead(@Nullable Long time) {
    return time != null && time - System.nanoTime() > 0;
  }

  private void remember(int id, boolean hastily) {
    if (unknown.size() >= MOST_UNKNOWN) {
      unknown.clear();
    }
    long now = System.nanoTime();
    if (!hastily) {
      settled = now + SETTLED.toNanos();
    }
    unknown.put(id, now + UNKNOWN.toNanos());
  }

  /** Of a registry without any schema, every record would be poison; it has lost them. */
  private void refuseEmpty() {
    RegistryHttp.Answer subjects = http.get("/subjects");
    if (subjects.ok() && parse(subjects).isEmpty()) {
      throw new RegistryUnavailableException(
          "registry " + http.url() + " has no schemas at all: restore its storage", null);
    }
  }

  @Override
  public Optional<Schema> latest(String subject) {
    RegistryHttp.Answer answer = http.get("/subjects/" + encoded(subject) + "/versions/latest");
    if (answer.absent()) {
      return Optional.empty();
    }
    if (!answer.ok()) {
      throw http.refused("read the latest schema of " + subject, answer);
    }
    return Optional.of(parseSchema(answer));
  }

  private Schema parseSchema(RegistryHttp.Answer answer) {
    return new Schema.Parser().parse(parse(answer).path("schema").asText());
  }

  private JsonNode parse(RegistryHttp.Answer answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw new RegistryRefusedException(
          http.url() + " did not answer with JSON: is it the registry's Confluent-compatible API?",
          e);
    }
  }

  private static String encoded(String subject) {
    return URLEncoder.encode(subject, StandardCharsets.UTF_8);
  }
}
