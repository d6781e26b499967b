/** The whole-pipeline run: from a commit in PostgreSQL to what readers of the lake see. */
@NullMarked
package io.millrace.benchmarks.retail;

import org.jspecify.annotations.NullMarked;
