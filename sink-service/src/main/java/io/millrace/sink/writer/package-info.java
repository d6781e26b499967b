/** The writer: records become Parquet files, and descriptors of them, epoch by epoch. */
@NullMarked
package io.millrace.sink.writer;

import org.jspecify.annotations.NullMarked;
