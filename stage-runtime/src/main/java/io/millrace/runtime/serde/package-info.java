/** Rows and change events in the Confluent wire format, and the schema registry behind it. */
@NullMarked
package io.millrace.runtime.serde;

import org.jspecify.annotations.NullMarked;
