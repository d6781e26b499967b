package io.millrace.cdc.binlog.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cdc.Reader;
import io.millrace.cdc.RunningStage;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.testing.LocalSchemaRegistry;
import io.millrace.schemas.ChangeEvent;
import io.millrace.schemas.Topics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** Every captured type at its edges, by snapshot, by stream, and when its table is read again. */
public abstract class TypesTests {
  private final LocalSchemaRegistry registry = new LocalSchemaRegistry();
  private final Servers servers;
  private final String name;
  private final List<TypeColumn> columns;
  private final int rows;

  /**
   * The types that every server has, and those of one.
   *
   * @param own what the one server has, or takes in another way
   */
  protected TypesTests(Servers servers, List<TypeColumn> own) {
    this.servers = servers;
    this.name = servers.nextName();
    this.columns = new ArrayList<>(SharedTypes.columns());
    columns.addAll(own);
    this.rows = columns.stream().mapToInt(column -> column.literals().size()).max().orElseThrow();
  }

  /** In a session with a zone of its own, which must not matter. */
  private void run(String statement) {
    servers
        .database()
        .runIn(name, "SET NAMES utf8mb4, sql_mode = '', time_zone = '+05:45'", statement);
  }

  private String insertion() {
    return columns.stream()
            .map(TypeColumn::name)
            .collect(Collectors.joining(", ", "INSERT INTO every_type (", ") VALUES "))
        + IntStream.range(0, rows)
            .mapToObj(
                row ->
                    columns.stream()
                        .map(column -> column.literal(row))
                        .collect(Collectors.joining(", ", "(", ")")))
            .collect(Collectors.joining(", "));
  }

  private static int id(Reader.Change change) {
    return (Integer) change.after().values()[0];
  }

  @Test
  void snapshotsAndStreamCarryEveryTypeWithoutLoss() throws Exception {
    // given
    run(
        columns.stream()
            .map(TypeColumn::declaration)
            .collect(
                Collectors.joining(
                    ", ",
                    "CREATE TABLE every_type (id int PRIMARY KEY AUTO_INCREMENT COMMENT 'Counted.',"
                        + " ",
                    ") COMMENT 'What there is.'")));
    run(insertion());
    PipelineFile file = servers.file(name, "every_type");

    // when
    List<Reader.Change> changes;
    try (RunningStage connector = servers.connector(file, registry).streaming();
        Reader reader = new Reader(file, registry, name + ".cdc.every_type")) {
      run(insertion());
      reader.changes(2 * rows);
      connector.ask("every_type", null);
      // By their places, so those that were read again are the last.
      changes =
          reader.changes(4 * rows).stream()
              .sorted(
                  Comparator.comparing((Reader.Change change) -> Math.ceilDiv(id(change), rows) > 1)
                      .thenComparing(Reader.Change::position))
              .toList();
      assertThat(connector.fatal()).isEmpty();
    }

    // then
    Schema row =
        ChangeEvent.row(
            registry.latest(Topics.valueSubject(name + ".cdc.every_type")).orElseThrow());
    assertThat(row.getDoc()).isEqualTo("What there is.");
    assertThat(row.getFields().get(0).doc()).isEqualTo("Counted.");
    assertThat(row.getFields().get(1).doc()).isNull();
    assertThat(changes).hasSize(4 * rows);
    for (int i = 0; i < 4 * rows; i++) {
      Reader.Change change = changes.get(i);
      assertThat(change.op()).isEqualTo(i / rows == 2 ? "c" : "r");
      assertThat(id(change)).isEqualTo(i / rows < 2 ? 1 + i % rows : 1 + rows + i % rows);
      for (int column = 0; column < columns.size(); column++) {
        TypeColumn expected = columns.get(column);
        assertThat(change.after().values()[column + 1])
            .as("%s of %s (%s)", expected.literal(i % rows), expected.declaration(), change.op())
            .isEqualTo(expected.becomes(i % rows));
      }
    }
  }
}
