/** Contracts between the stages: names of topics and subjects, Avro schemas, and the row. */
@NullMarked
package io.millrace.schemas;

import org.jspecify.annotations.NullMarked;
