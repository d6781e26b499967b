package io.millrace.pipeline;

/**
 * A table of the lake and the topic that feeds it.
 *
 * @param namespace Iceberg namespace: {@code bronze}, {@code silver} or {@code gold}
 * @param name table name within the namespace
 * @param topic the one topic whose records it holds
 * @param content how records of the topic become rows
 * @param formatVersion version of Iceberg's table format that a new table gets
 * @param layout how its rows lie in files
 * @param description what it says to people
 */
public record LakeTable(
    String namespace,
    String name,
    String topic,
    Content content,
    int formatVersion,
    TableLayout layout,
    TableDescription description) {

  /** A table of which the file says nothing. */
  public LakeTable(
      String namespace, String name, String topic, Content content, int formatVersion) {
    this(namespace, name, topic, content, formatVersion, TableLayout.USUAL, TableDescription.NONE);
  }

  /** How records of the topic become rows. */
  public enum Content {
    /** Change events; every one is a row (append). */
    CHANGES,
    /** Change events; the table holds the rows as they are now (upsert by primary key). */
    MIRROR,
    /** Change events of an append-only table; every row is appended. */
    APPENDED,
    /** View rows; the table holds the rows as they are now (upsert by record key). */
    VIEW
  }

  /** Whether the table holds one row for each key, else one for each record. */
  public boolean isUpserted() {
    return content == Content.MIRROR || content == Content.VIEW;
  }

  /** {@code namespace.name}. */
  public String identifier() {
    return namespace + "." + name;
  }
}
