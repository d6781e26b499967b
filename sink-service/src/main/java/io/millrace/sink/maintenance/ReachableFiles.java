package io.millrace.sink.maintenance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.ReachableFileUtil;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;

/** The files that a table's metadata leads to: its own, and those of every snapshot. */
final class ReachableFiles {
  private final Table table;
  private final FileSet files = new FileSet();
  private final Set<String> manifests = new HashSet<>();

  private ReachableFiles(Table table) {
    this.table = table;
  }

  static FileSet of(Table table) {
    ReachableFiles reachable = new ReachableFiles(table);
    reachable.addMetadata();
    for (Snapshot snapshot : table.snapshots()) {
      reachable.add(snapshot);
    }
    return reachable.files;
  }

  private void addMetadata() {
    ReachableFileUtil.metadataFileLocations(table, false).forEach(files::add);
    files.add(ReachableFileUtil.versionHintLocation(table));
    ReachableFileUtil.manifestListLocations(table).forEach(files::add);
    ReachableFileUtil.statisticsFilesLocations(table).forEach(files::add);
  }

  private void add(Snapshot snapshot) {
    for (ManifestFile manifest : snapshot.allManifests(table.io())) {
      if (manifests.add(manifest.path())) {
        files.add(manifest.path());
        addContent(manifest);
      }
    }
  }

  private void addContent(ManifestFile manifest) {
    try (ManifestReader<? extends ContentFile<?>> content =
        switch (manifest.content()) {
          case DATA ->
              ManifestFiles.read(manifest, table.io(), table.specs()).select(List.of("file_path"));
          case DELETES ->
              ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())
                  .select(List.of("file_path"));
        }) {
      content.forEach(file -> files.add(file.location()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read manifest " + manifest.path(), e);
    }
  }
}
