@NullMarked
package io.millrace.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
