/** What every stage shares: its process, settings of its Kafka clients, its topics. */
@NullMarked
package io.millrace.runtime;

import org.jspecify.annotations.NullMarked;
