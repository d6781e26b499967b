@NullMarked
package io.millrace.runtime;

import org.jspecify.annotations.NullMarked;
