package io.millrace.local.chaos;

import io.millrace.pipeline.LakeTable;
import io.millrace.pipeline.PipelineFile;
import io.millrace.sink.lake.LakeCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.NoSuchTableException;

/**
 * Data and delete files in a warehouse that no snapshot of any table holds: what transactions left
 * that were broken off.
 *
 * @param files how many
 * @param bytes in all
 */
public record LakeRemains(long files, long bytes) {
  /** Counts them; nothing may be writing. */
  static LakeRemains of(PipelineFile pipeline, Path warehouse) {
    Set<Path> held = new HashSet<>();
    try (LakeCatalog catalog = LakeCatalog.open(pipeline)) {
      for (LakeTable table : pipeline.lakeTables()) {
        try {
          addFiles(catalog.load(table), warehouse, held);
        } catch (NoSuchTableException e) {
          // it has no files either
        }
      }
    }
    try (Stream<Path> all = Files.walk(warehouse)) {
      List<Path> left =
          all.filter(file -> isContent(file)).filter(file -> !held.contains(file)).toList();
      long bytes = 0;
      for (Path file : left) {
        bytes += Files.size(file);
      }
      return new LakeRemains(left.size(), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + warehouse, e);
    }
  }

  /** Rows, or in Puffin files deletion vectors. */
  private static boolean isContent(Path file) {
    return file.toString().endsWith(".parquet") || file.toString().endsWith(".puffin");
  }

  private static void addFiles(Table table, Path warehouse, Set<Path> held) {
    Set<String> seen = new HashSet<>();
    for (Snapshot snapshot : table.snapshots()) {
      for (ManifestFile manifest : snapshot.allManifests(table.io())) {
        if (seen.add(manifest.path())) {
          addFiles(manifest, table, warehouse, held);
        }
      }
    }
  }

  private static void addFiles(ManifestFile manifest, Table table, Path warehouse, Set<Path> held) {
    try (ManifestReader<? extends ContentFile<?>> files =
        switch (manifest.content()) {
          case DATA -> ManifestFiles.read(manifest, table.io(), table.specs());
          case DELETES -> ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs());
        }) {
      files.forEach(file -> held.add(path(file.location(), warehouse)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + manifest.path(), e);
    }
  }

  /** The object store keeps a bucket as a directory. */
  private static Path path(String location, Path warehouse) {
    return location.startsWith("s3://")
        ? warehouse.resolve(location.substring("s3://".length()))
        : Path.of(location.replaceFirst("^file:/*", "/"));
  }
}
