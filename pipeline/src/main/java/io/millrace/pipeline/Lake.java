package io.millrace.pipeline;

import java.time.Duration;
import java.util.Map;

/**
 * The lakehouse.
 *
 * @param catalog Iceberg catalog properties as they stand, for {@code
 *     CatalogUtil.buildIcebergCatalog}
 * @param commitEvery how often each lake table commits
 * @param formatVersions Iceberg format of new tables, by {@code namespace.name}, where the file
 *     says it
 * @param maintenance of every table
 * @param maintenanceOf tables that have their own, by {@code namespace.name}
 */
public record Lake(
    Map<String, String> catalog,
    Duration commitEvery,
    Map<String, Integer> formatVersions,
    Maintenance maintenance,
    Map<String, Maintenance> maintenanceOf) {

  /** A lakehouse that is maintained as usual. */
  public Lake(
      Map<String, String> catalog, Duration commitEvery, Map<String, Integer> formatVersions) {
    this(catalog, commitEvery, formatVersions, Maintenance.DEFAULT, Map.of());
  }

  /** Files that are younger may be of a transaction that is still open. */
  public Duration youngestOrphan() {
    return Maintenance.youngestOrphan(commitEvery);
  }

  /** How a table is maintained. */
  public Maintenance maintenance(LakeTable table) {
    return maintenanceOf.getOrDefault(table.identifier(), maintenance);
  }
}
