/** Kafka Streams as the stages run it: lifecycle, error policy, memory, metrics. */
@NullMarked
package io.millrace.runtime.streams;

import org.jspecify.annotations.NullMarked;
