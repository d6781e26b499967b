package io.millrace.local;

import picocli.CommandLine.Option;

/** The option that says where a stack keeps its lake. */
final class LakeOption {
  @Option(
      names = "--lake",
      paramLabel = "PLACE",
      defaultValue = "disk",
      description =
          "Where the lake is: disk, with its catalog in the embedded PostgreSQL; or s3, an S3 store"
              + " behind an Iceberg REST catalog, both of the stack (default: ${DEFAULT-VALUE}).")
  private LakePlace place = LakePlace.DISK;

  LakePlace place() {
    return place;
  }
}
