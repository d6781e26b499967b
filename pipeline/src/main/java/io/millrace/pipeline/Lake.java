package io.millrace.pipeline;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The lakehouse.
 *
 * @param catalog Iceberg catalog properties as they stand, for {@code
 *     CatalogUtil.buildIcebergCatalog}
 * @param commitEvery how often each lake table commits
 * @param maintenance of every table that has none of its own
 * @param owner of every table that has none of its own; null where the file does not say it
 * @param tables those that the file says something of, by {@code namespace.name}
 */
public record Lake(
    Map<String, String> catalog,
    Duration commitEvery,
    Maintenance maintenance,
    @Nullable String owner,
    Map<String, LakeTableSettings> tables) {

  /** A lakehouse whose tables are as usual. */
  public Lake(Map<String, String> catalog, Duration commitEvery) {
    this(catalog, commitEvery, Maintenance.DEFAULT, null, Map.of());
  }

  /** Files that are younger may be of a transaction that is still open. */
  public Duration youngestOrphan() {
    return Maintenance.youngestOrphan(commitEvery);
  }

  /** How a table is maintained. */
  public Maintenance maintenance(LakeTable table) {
    return Objects.requireNonNullElse(settings(table.identifier()).maintenance(), maintenance);
  }

  LakeTableSettings settings(String identifier) {
    return tables.getOrDefault(identifier, LakeTableSettings.USUAL);
  }
}
