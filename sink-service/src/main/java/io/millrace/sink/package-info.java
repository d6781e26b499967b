/** The sink: what the stages write to Kafka becomes Iceberg tables. */
@NullMarked
package io.millrace.sink;

import org.jspecify.annotations.NullMarked;
