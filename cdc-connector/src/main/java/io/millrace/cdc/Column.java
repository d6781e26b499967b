package io.millrace.cdc;

/**
 * A column as it is captured.
 *
 * @param name its name in the database, in Avro and in the lake
 * @param type its type
 * @param nullable whether its values can be null
 */
public record Column(String name, ColumnType type, boolean nullable) {}
