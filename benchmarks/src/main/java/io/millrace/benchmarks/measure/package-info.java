/** What is read from outside the measured processes, and how it is reported. */
@NullMarked
package io.millrace.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
