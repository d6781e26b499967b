/** The cdc-connector: PostgreSQL's changes into the change topics, exactly once. */
@NullMarked
package io.millrace.cdc;

import org.jspecify.annotations.NullMarked;
