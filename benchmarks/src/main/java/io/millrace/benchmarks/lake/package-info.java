/** The lake, watched from outside. */
@NullMarked
package io.millrace.benchmarks.lake;

import org.jspecify.annotations.NullMarked;
