package io.millrace.sink.commit;

import io.millrace.schemas.DataFileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.util.ContentFileUtil;
import org.jspecify.annotations.Nullable;

/**
 * The deletion vectors of one lake table. The format wants one per data file, so what a range
 * deleted is made one with what the table has, and the new vector replaces the old. Not
 * thread-safe.
 *
 * <p>Remembers what the last commit left, so that manifests are read only after a start and after a
 * foreign commit.
 */
final class DeletionVectors {
  private final String table;
  private final Map<String, DeleteFile> vectors = new HashMap<>();
  private final Set<String> dataFiles = new HashSet<>();
  private @Nullable Long snapshot;
  private boolean known;

  DeletionVectors(String table) {
    this.table = table;
  }

  /**
   * What a commit does to rows.
   *
   * @param added data files
   * @param dead data files of the table that go, for no row of them is left
   * @param vectors that come
   * @param replaced vectors of the table that go
   * @param referenced data files of the table that {@code vectors} are of
   * @param byKey equality deletes of rows that another writer has moved
   * @param garbage files that nothing needs once the commit has landed
   */
  record RowChanges(
      List<DataFile> added,
      List<DataFile> dead,
      List<DeleteFile> vectors,
      List<DeleteFile> replaced,
      List<DeleteFile> byKey,
      Set<String> referenced,
      Set<String> garbage) {

    /** The snapshot that carries them out. */
    SnapshotUpdate<?> in(Transaction transaction, @Nullable Snapshot base) {
      if (dead.isEmpty() && vectors.isEmpty() && byKey.isEmpty()) {
        AppendFiles append = transaction.newAppend();
        added.forEach(append::appendFile);
        return append;
      }
      RowDelta delta = transaction.newRowDelta();
      added.forEach(delta::addRows);
      dead.forEach(delta::removeRows);
      vectors.forEach(delta::addDeletes);
      byKey.forEach(delta::addDeletes);
      replaced.forEach(delta::removeDeletes);
      delta.validateDeletedFiles().validateDataFilesExist(referenced);
      if (base != null) {
        delta.validateFromSnapshot(base.snapshotId());
      }
      return delta;
    }
  }

  /**
   * Plans what descriptors do to the rows of the table as it is.
   *
   * @throws ProtocolViolationException when they delete rows of files that the table does not have,
   *     and that cannot be read any more
   */
  RowChanges plan(TableOperations operations, List<DataFileDescriptor> descriptors) {
    TableMetadata metadata = operations.current();
    know(metadata, operations.io());
    Gathered gathered = new Gathered(metadata.specsById());
    for (DataFileDescriptor descriptor : descriptors) {
      requireNoEqualityDeletes(descriptor);
      gathered.add(descriptor);
    }
    Map<String, List<DeleteFile>> rewritten = gathered.takeRewritten(dataFiles);
    Set<String> referenced = new HashSet<>(gathered.deleted.keySet());
    referenced.removeAll(gathered.added.keySet());
    Bitmaps bitmaps = new Bitmaps(operations.io());
    List<DeleteFile> byKey =
        new RewrittenRows(new BaseTable(operations, table), bitmaps).delete(rewritten);
    List<DeleteFile> replaced = new ArrayList<>();
    for (DataFile file : gathered.dead) {
      DeleteFile old = vectors.get(file.location());
      if (old != null) {
        replaced.add(old);
      }
    }
    List<DeleteFile> coming = merge(operations, bitmaps, gathered.deleted, replaced);
    coming.forEach(vector -> gathered.garbage.remove(vector.location()));
    return new RowChanges(
        List.copyOf(gathered.added.values()),
        gathered.dead,
        coming,
        replaced,
        byKey,
        referenced,
        gathered.garbage);
  }

  /** What descriptors come to together. */
  private static final class Gathered {
    private final Map<Integer, PartitionSpec> specs;
    private final Map<String, DataFile> added = new LinkedHashMap<>();
    private final List<DataFile> dead = new ArrayList<>();
    private final Map<String, List<DeleteFile>> deleted = new LinkedHashMap<>();
    private final Set<String> garbage = new HashSet<>();

    Gathered(Map<Integer, PartitionSpec> specs) {
      this.specs = specs;
    }

    void add(DataFileDescriptor descriptor) {
      for (String json : descriptor.dataFiles()) {
        DataFile file = (DataFile) TableCommitter.parse(json, specs);
        added.put(file.location(), file);
      }
      for (String json : descriptor.deletionVectors()) {
        DeleteFile vector = (DeleteFile) TableCommitter.parse(json, specs);
        deleted.computeIfAbsent(vector.referencedDataFile(), any -> new ArrayList<>()).add(vector);
        garbage.add(vector.location());
      }
      for (String json : descriptor.deadFiles()) {
        DataFile file = (DataFile) TableCommitter.parse(json, specs);
        if (added.remove(file.location()) == null) {
          dead.add(file);
        } else {
          deleted.remove(file.location());
          garbage.add(file.location());
        }
      }
    }

    /** Takes away what goes of files that the table no longer has; dead files need no vectors. */
    Map<String, List<DeleteFile>> takeRewritten(Set<String> dataFiles) {
      Map<String, List<DeleteFile>> rewritten = new LinkedHashMap<>(deleted);
      rewritten.keySet().removeAll(dataFiles);
      rewritten.keySet().removeAll(added.keySet());
      deleted.keySet().removeAll(rewritten.keySet());
      dead.removeIf(file -> rewritten.containsKey(file.location()));
      dead.forEach(file -> deleted.remove(file.location()));
      return rewritten;
    }
  }

  private void requireNoEqualityDeletes(DataFileDescriptor descriptor) {
    if (!descriptor.deleteFiles().isEmpty()) {
      throw new ProtocolViolationException(
          ("lake table %s became format 3 while equality deletes of format 2 were under way: drop"
                  + " the lake tables of topic %s and reset the sink's consumer groups to build"
                  + " them anew")
              .formatted(table, descriptor.topic()));
    }
  }

  /** One vector for each data file; those of the table that it replaces go to {@code replaced}. */
  private List<DeleteFile> merge(
      TableOperations operations,
      Bitmaps bitmaps,
      Map<String, List<DeleteFile>> deleted,
      List<DeleteFile> replaced) {
    List<DeleteFile> coming = new ArrayList<>();
    BaseDVFileWriter writer =
        new BaseDVFileWriter(
            names(operations),
            path -> {
              DeleteFile old = vectors.get(path);
              return old == null ? null : bitmaps.of(old);
            });
    try (writer) {
      deleted.forEach(
          (path, parts) -> {
            DeleteFile first = parts.getFirst();
            if (parts.size() == 1 && !vectors.containsKey(path)) {
              coming.add(first);
              return;
            }
            for (DeleteFile part : parts) {
              writer.delete(
                  path,
                  bitmaps.of(part),
                  operations.current().specsById().get(part.specId()),
                  part.partition());
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    coming.addAll(writer.result().deleteFiles());
    replaced.addAll(writer.result().rewrittenDeleteFiles());
    return coming;
  }

  private OutputFileFactory names(TableOperations operations) {
    return OutputFileFactory.builderFor(new BaseTable(operations, table), 0, 0)
        .format(FileFormat.PUFFIN)
        .operationId(UUID.randomUUID().toString())
        .build();
  }

  /** Learns what the table has, unless the last commit of this committer left it so. */
  private void know(TableMetadata metadata, FileIO io) {
    Snapshot current = metadata.currentSnapshot();
    Long id = current == null ? null : current.snapshotId();
    if (known && Objects.equals(id, snapshot)) {
      return;
    }
    vectors.clear();
    dataFiles.clear();
    if (current != null) {
      try {
        for (ManifestFile manifest : current.dataManifests(io)) {
          try (var files = ManifestFiles.read(manifest, io, metadata.specsById())) {
            files.forEach(file -> dataFiles.add(file.location()));
          }
        }
        for (ManifestFile manifest : current.deleteManifests(io)) {
          try (var files = ManifestFiles.readDeleteManifest(manifest, io, metadata.specsById())) {
            files.forEach(file -> learn(file.copy()));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    snapshot = id;
    known = true;
  }

  private void learn(DeleteFile file) {
    if (ContentFileUtil.isDV(file)) {
      vectors.put(file.referencedDataFile(), file);
    }
  }

  /**
   * The table has a commit.
   *
   * @param base the snapshot that it was planned on
   * @param now the table, which may have foreign commits too
   */
  void landed(RowChanges changes, @Nullable Snapshot base, TableMetadata now) {
    Snapshot current = now.currentSnapshot();
    Long baseId = base == null ? null : base.snapshotId();
    if (current == null || !Objects.equals(current.parentId(), baseId)) {
      known = false;
      return;
    }
    changes.added().forEach(file -> dataFiles.add(file.location()));
    changes
        .dead()
        .forEach(
            file -> {
              dataFiles.remove(file.location());
              vectors.remove(file.location());
            });
    changes.vectors().forEach(vector -> vectors.put(vector.referencedDataFile(), vector));
    snapshot = current.snapshotId();
  }
}
