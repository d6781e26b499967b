/** The HTTP endpoints that every stage serves. */
@NullMarked
package io.millrace.runtime.http;

import org.jspecify.annotations.NullMarked;
