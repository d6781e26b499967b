package io.millrace.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileReader;
import io.millrace.pipeline.plan.PipelinePlan;
import io.millrace.pipeline.plan.Relation;
import io.millrace.pipeline.plan.ViewPlanner;
import io.millrace.schemas.SourceMetadata;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.LongStream;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a seed makes can be run, and run again. */
class RandomPipelineTest {
  private static final int SEEDS = 200;

  /** Planning views takes a while: their expressions are compiled. */
  private static final int PLANNED = 10;

  @TempDir private Path directory;

  @Test
  void everySeedMakesAnAcceptedPipeline() {
    int views = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      // when
      PipelineFile file = file(pipeline(seed));

      // then
      assertThat(file.source().tables()).hasSize(5);
      views += file.enrich().size();
    }
    assertThat(views).isGreaterThan(2 * SEEDS);
  }

  @Test
  void theViewsOfASeedCanBePlanned() {
    for (long seed = 0; seed < PLANNED; seed++) {
      // given
      RandomPipeline pipeline = pipeline(seed);
      PipelineFile file = file(pipeline);

      // when
      PipelinePlan plan = ViewPlanner.plan(file, relations(pipeline));

      // then
      assertThat(plan.views()).hasSize(file.enrich().size() + file.aggregate().size());
    }
  }

  private PipelineFile file(RandomPipeline pipeline) {
    return PipelineFileReader.read(pipeline.writeTo(directory.resolve("pipeline.yaml")), Map.of());
  }

  @Test
  void aSeedMakesTheSamePipelineAgain() throws Exception {
    // given
    RandomPipeline once = pipeline(7);
    RandomPipeline again = pipeline(7);

    // when, then
    assertThat(once.tables()).isEqualTo(again.tables()).isNotEqualTo(pipeline(8).tables());
    assertThat(Files.readString(once.writeTo(directory.resolve("once.yaml"))))
        .isEqualTo(Files.readString(again.writeTo(directory.resolve("again.yaml"))));
  }

  @Test
  void aKeysNumberNamesOneKey() {
    List<RandomTable> tables = pipeline(3).tables();
    for (RandomTable table : tables.subList(0, tables.size() - 1)) {
      assertThat(LongStream.range(0, RandomTable.KEYS).mapToObj(table::keyValues).distinct())
          .hasSize(RandomTable.KEYS);
    }
  }

  private static Map<String, Relation> relations(RandomPipeline pipeline) {
    Map<String, Relation> relations = new HashMap<>();
    for (RandomTable table : pipeline.tables()) {
      List<Schema.Field> key = new ArrayList<>();
      List<Schema.Field> row = new ArrayList<>();
      List<String> names = table.keyColumns();
      for (int i = 0; i < names.size(); i++) {
        Schema type = type(table.key().get(i).sql());
        key.add(new Schema.Field(names.get(i), type));
        row.add(new Schema.Field(names.get(i), type));
      }
      List<String> others = table.otherColumns();
      for (int i = 0; i < others.size(); i++) {
        Schema type = type(table.otherTypes().get(i));
        row.add(
            new Schema.Field(
                others.get(i), Schema.createUnion(Schema.create(Schema.Type.NULL), type)));
      }
      row.add(new Schema.Field(SourceMetadata.SOURCE_TS, SourceMetadata.sourceTs()));
      row.add(new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos()));
      if (key.isEmpty()) {
        key.add(new Schema.Field(SourceMetadata.SOURCE_POS, SourceMetadata.sourcePos()));
      }
      relations.put(
          table.name(),
          new Relation(
              table.name(),
              Relation.Kind.SOURCE_TABLE,
              Schema.createRecord(table.name() + "_key", null, "chaos", false, key),
              Schema.createRecord(table.name(), null, "chaos", false, row)));
    }
    return relations;
  }

  private static Schema type(String sql) {
    Schema string = Schema.create(Schema.Type.STRING);
    Schema integer = Schema.create(Schema.Type.INT);
    Schema bigint = Schema.create(Schema.Type.LONG);
    Schema bytes = Schema.create(Schema.Type.BYTES);
    return switch (sql) {
      case "smallint", "integer" -> integer;
      case "bigint" -> bigint;
      case "numeric(12, 2)" -> LogicalTypes.decimal(12, 2).addToSchema(bytes);
      case "numeric(24, 2)" -> LogicalTypes.decimal(24, 2).addToSchema(bytes);
      case "numeric(38, 10)" -> LogicalTypes.decimal(38, 10).addToSchema(bytes);
      case "boolean" -> Schema.create(Schema.Type.BOOLEAN);
      case "timestamptz" -> LogicalTypes.timestampMicros().addToSchema(bigint);
      case "timestamp" -> LogicalTypes.localTimestampMicros().addToSchema(bigint);
      case "date" -> LogicalTypes.date().addToSchema(integer);
      case "uuid" -> LogicalTypes.uuid().addToSchema(string);
      case "jsonb" -> {
        string.addProp("millrace.type", "jsonb");
        yield string;
      }
      case "bytea" -> bytes;
      default -> string;
    };
  }

  private static RandomPipeline pipeline(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    return RandomPipeline.of(random);
  }
}
