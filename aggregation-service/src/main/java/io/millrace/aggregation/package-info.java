/** Runs the aggregate views of a pipeline. */
@NullMarked
package io.millrace.aggregation;

import org.jspecify.annotations.NullMarked;
