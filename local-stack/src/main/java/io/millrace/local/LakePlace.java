package io.millrace.local;

import java.util.Locale;

/** Where a stack keeps its lake. */
public enum LakePlace {
  /** On the local disk; the catalog is in the embedded PostgreSQL. */
  DISK,
  /** In an S3 store, behind an Iceberg REST catalog; both are processes of the stack. */
  S3;

  /** As users write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
