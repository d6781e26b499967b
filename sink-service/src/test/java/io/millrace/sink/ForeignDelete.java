package io.millrace.sink;

import io.millrace.sink.lake.DataFileRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFileFactory;

/** Deletes rows of files without vectors, by Iceberg's own API, as another engine would. */
final class ForeignDelete {
  private ForeignDelete() {}

  static void run(Table table, Expression which) {
    Evaluator evaluator = new Evaluator(table.schema().asStruct(), which);
    BaseDVFileWriter writer =
        new BaseDVFileWriter(
            OutputFileFactory.builderFor(table, 0, 0).format(FileFormat.PUFFIN).build(),
            path -> null);
    try (writer;
        CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        long position = 0;
        try (CloseableIterable<StructLike> rows =
            DataFileRows.read(table.io(), task.file().location(), table.schema())) {
          for (StructLike row : rows) {
            if (evaluator.eval(row)) {
              writer.delete(task.file().location(), position, task.spec(), task.file().partition());
            }
            position++;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    RowDelta delta = table.newRowDelta();
    writer.result().deleteFiles().forEach(delta::addDeletes);
    delta.commit();
  }
}
