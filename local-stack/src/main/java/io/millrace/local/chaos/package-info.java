/** The fault test: a random pipeline under random faults, whose lake must equal its SQL. */
@NullMarked
package io.millrace.local.chaos;

import org.jspecify.annotations.NullMarked;
