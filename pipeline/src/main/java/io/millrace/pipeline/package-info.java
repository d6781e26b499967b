/** The pipeline file: its model, its validation and where its errors are. */
@NullMarked
package io.millrace.pipeline;

import org.jspecify.annotations.NullMarked;
