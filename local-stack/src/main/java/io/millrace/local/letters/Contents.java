package io.millrace.local.letters;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import io.millrace.runtime.serde.RegistryUnavailableException;
import io.millrace.runtime.serde.RowDecoder;
import io.millrace.schemas.Row;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Keys and values of dead letters for people: JSON where they can be decoded, else their bytes. */
public final class Contents {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MOST_BYTES = 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RowDecoder decoder;

  /** Contents whose schemas stand in the pipeline's registry. */
  public Contents(PipelineFile pipeline) {
    this.decoder = new RowDecoder(new HttpSchemaRegistry(pipeline.registry(), PATIENCE));
  }

  /** A key or a value as text. */
  public String text(byte @Nullable [] bytes) {
    if (bytes == null) {
      return "null";
    }
    if (bytes.length > 0 && bytes[0] == '{') {
      return new String(bytes, UTF_8); // cdc-connector's are JSON
    }
    try {
      Row row = decoder.decode(bytes);
      return row == null ? "null" : object(row).toString();
    } catch (SerializationException | RegistryUnavailableException e) {
      int shown = Math.min(bytes.length, MOST_BYTES);
      return "%s%s (%s)"
          .formatted(
              HexFormat.of().formatHex(bytes, 0, shown),
              shown < bytes.length ? "…" : "",
              e.getMessage());
    }
  }

  private static ObjectNode object(Row row) {
    ObjectNode object = JSON.createObjectNode();
    for (Schema.Field field : row.getSchema().getFields()) {
      Object value = row.get(field.pos());
      switch (value) {
        case null -> object.putNull(field.name());
        case Row inner -> object.set(field.name(), object(inner));
        case Long number -> object.put(field.name(), number);
        case Integer number -> object.put(field.name(), number);
        case Boolean truth -> object.put(field.name(), truth);
        case BigDecimal number -> object.put(field.name(), number.toPlainString());
        case ByteBuffer binary -> object.put(field.name(), hex(binary));
        default -> object.put(field.name(), value.toString());
      }
    }
    return object;
  }

  private static String hex(ByteBuffer binary) {
    byte[] bytes = new byte[binary.remaining()];
    binary.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
