package io.millrace.pipeline;

/**
 * A place in a file, for a person.
 *
 * @param line from 1
 * @param column from 1
 */
public record FilePosition(int line, int column) {}
