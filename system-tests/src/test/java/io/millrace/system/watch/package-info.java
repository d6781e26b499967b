/** What watches a pipeline, held to the pipeline: metrics, alerts, dashboards. */
@NullMarked
package io.millrace.system.watch;

import org.jspecify.annotations.NullMarked;
