package io.millrace.cdc.binlog;

import io.debezium.config.Configuration;
import io.debezium.document.Document;
import io.debezium.document.DocumentReader;
import io.debezium.document.DocumentWriter;
import io.debezium.relational.history.AbstractSchemaHistory;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.SchemaHistoryException;
import io.debezium.relational.history.SchemaHistoryListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's view of a {@link PendingHistory}.
 *
 * <p>Public because Debezium instantiates it by name; it finds its history by the token that stands
 * in its settings.
 */
public final class KafkaSchemaHistory extends AbstractSchemaHistory {
  static final String TOKEN = "schema.history.internal.millrace.token";

  private static final Map<String, PendingHistory> OPEN = new ConcurrentHashMap<>();

  private @Nullable PendingHistory history;

  /** For Debezium. */
  public KafkaSchemaHistory() {}

  /** Makes a history known until it is {@link #closed}; returns its token. */
  static String opened(PendingHistory history) {
    String token = UUID.randomUUID().toString();
    OPEN.put(token, history);
    return token;
  }

  static void closed(String token) {
    OPEN.remove(token);
  }

  @Override
  public void configure(
      Configuration config,
      HistoryRecordComparator comparator,
      SchemaHistoryListener listener,
      boolean useCatalogBeforeSchema) {
    super.configure(config, comparator, listener, useCatalogBeforeSchema);
    history = OPEN.get(config.getString(TOKEN));
  }

  private PendingHistory history() {
    return Objects.requireNonNull(history, "the history was closed");
  }

  @Override
  protected void storeRecord(HistoryRecord record) throws SchemaHistoryException {
    Document position = record.document().getDocument(HistoryRecord.Fields.POSITION);
    try {
      history()
          .add(
              new PendingHistory.Statement(
                  new BinlogPosition(position.getString("file"), position.getLong("pos")),
                  DocumentWriter.defaultWriter().write(record.document())));
    } catch (IOException | RuntimeException e) {
      throw new SchemaHistoryException("A statement of the schema history has no form", e);
    }
  }

  @Override
  protected void recoverRecords(Consumer<HistoryRecord> records) {
    for (byte[] json : history().committed()) {
      try {
        records.accept(
            new HistoryRecord(
                DocumentReader.defaultReader().read(new String(json, StandardCharsets.UTF_8))));
      } catch (IOException e) {
        throw new SchemaHistoryException("A statement of the schema history cannot be read", e);
      }
    }
  }

  @Override
  public boolean exists() {
    return !history().committed().isEmpty();
  }

  /** Its topic is made before anything is read. */
  @Override
  public boolean storageExists() {
    return true;
  }
}
