package io.millrace.sink;

import io.millrace.pipeline.LakeTable;
import io.millrace.runtime.serde.SchemaRegistry;
import io.millrace.schemas.Topics;
import io.millrace.sink.lake.IncompatibleTableException;
import io.millrace.sink.lake.LakeCatalog;
import io.millrace.sink.lake.TableShape;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates each lake table as soon as its topic's schemas are registered, so that a table without
 * rows exists too, and brings those that exist to what the pipeline file and the newest schemas
 * say.
 */
final class TableCreation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TableCreation.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final LakeCatalog catalog;
  private final SchemaRegistry registry;
  private final Consumer<String> fatal;
  private final List<LakeTable> missing;
  private final Thread thread;

  TableCreation(
      List<LakeTable> tables,
      LakeCatalog catalog,
      SchemaRegistry registry,
      Consumer<String> fatal) {
    this.missing = new CopyOnWriteArrayList<>(tables);
    this.catalog = catalog;
    this.registry = registry;
    this.fatal = fatal;
    this.thread = Thread.ofVirtual().name("lake-table-creation").unstarted(this::run);
  }

  /** What can be done is done when this returns, so that the writers find it done. */
  void start() {
    for (LakeTable table : missing) {
      if (!create(table)) {
        break;
      }
    }
    thread.start();
  }

  /** Tables whose schemas are not registered yet, for people; empty when all exist. */
  String waiting() {
    return missing.stream().map(LakeTable::identifier).collect(Collectors.joining(", "));
  }

  private void run() {
    try {
      while (!missing.isEmpty()) {
        missing.forEach(this::create);
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      LOG.debug("Stopped while tables were missing: {}", waiting());
    }
  }

  /** Gives whether the registry and the catalog are there. */
  private boolean create(LakeTable table) {
    try {
      Optional<Schema> key = registry.latest(Topics.keySubject(table.topic()));
      Optional<Schema> value = registry.latest(Topics.valueSubject(table.topic()));
      if (key.isPresent() && value.isPresent()) {
        catalog.present(TableShape.of(table, key.get(), value.get()));
        missing.remove(table);
      }
    } catch (IncompatibleTableException e) {
      missing.remove(table);
      fatal.accept(e.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("Could not create lake table {} yet: {}", table.identifier(), e.getMessage());
      return false;
    }
    return true;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
