/** The sink beside a bare loop that consumes and writes Parquet. */
@NullMarked
package io.millrace.benchmarks.sink;

import org.jspecify.annotations.NullMarked;
