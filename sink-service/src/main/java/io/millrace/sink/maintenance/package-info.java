/** Keeps lake tables tidy beside the writers and the committer. */
@NullMarked
package io.millrace.sink.maintenance;

import org.jspecify.annotations.NullMarked;
