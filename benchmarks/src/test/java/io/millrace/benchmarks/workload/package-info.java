@NullMarked
package io.millrace.benchmarks.workload;

import org.jspecify.annotations.NullMarked;
