@NullMarked
package io.millrace.runtime.streams;

import org.jspecify.annotations.NullMarked;
