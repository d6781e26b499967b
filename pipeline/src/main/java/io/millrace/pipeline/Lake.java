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
 */
public record Lake(
    Map<String, String> catalog, Duration commitEvery, Map<String, Integer> formatVersions) {}
