/** The lake's tables: their schemas, their layout, the catalog and the files. */
@NullMarked
package io.millrace.sink.lake;

import org.jspecify.annotations.NullMarked;
