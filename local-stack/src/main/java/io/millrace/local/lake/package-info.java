/** The lake as its users see it: SQL over its tables, and their comparison with the source. */
@NullMarked
package io.millrace.local.lake;

import org.jspecify.annotations.NullMarked;
