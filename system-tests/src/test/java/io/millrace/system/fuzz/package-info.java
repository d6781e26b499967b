/** Damaged records over all topics: each is dead-lettered or processed, and none stops a stage. */
@NullMarked
package io.millrace.system.fuzz;

import org.jspecify.annotations.NullMarked;
