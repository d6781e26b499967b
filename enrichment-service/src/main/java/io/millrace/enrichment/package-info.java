/** Runs the enriched views of a pipeline. */
@NullMarked
package io.millrace.enrichment;

import org.jspecify.annotations.NullMarked;
