/** The common workload {@code retail}: seven months of a retailer as their transactions. */
@NullMarked
package io.millrace.benchmarks.workload;

import org.jspecify.annotations.NullMarked;
