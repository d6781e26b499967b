@NullMarked
package io.millrace.runtime.serde;

import org.jspecify.annotations.NullMarked;
