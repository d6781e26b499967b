/** Views as typed plans: from SQL to the operators that Kafka Streams runs. */
@NullMarked
package io.millrace.pipeline.plan;

import org.jspecify.annotations.NullMarked;
