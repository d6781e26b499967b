package io.millrace.sink.commit;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.encryption.EncryptionManager;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;

/** A catalog's operations with something between. */
abstract class Interposed implements TableOperations {
  private final TableOperations delegate;
  private int commits;

  Interposed(TableOperations delegate) {
    this.delegate = delegate;
  }

  void commit(TableMetadata base, TableMetadata metadata, int attempt) {
    delegate.commit(base, metadata);
  }

  int commitsSeen() {
    return commits;
  }

  @Override
  public final void commit(TableMetadata base, TableMetadata metadata) {
    commits++;
    commit(base, metadata, commits);
  }

  @Override
  public TableMetadata current() {
    return delegate.current();
  }

  @Override
  public TableMetadata refresh() {
    return delegate.refresh();
  }

  @Override
  public FileIO io() {
    return delegate.io();
  }

  @Override
  public EncryptionManager encryption() {
    return delegate.encryption();
  }

  @Override
  public String metadataFileLocation(String fileName) {
    return delegate.metadataFileLocation(fileName);
  }

  @Override
  public LocationProvider locationProvider() {
    return delegate.locationProvider();
  }

  @Override
  public TableOperations temp(TableMetadata uncommitted) {
    return delegate.temp(uncommitted);
  }
}
