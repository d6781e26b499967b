@NullMarked
package io.millrace.local.lake;

import org.jspecify.annotations.NullMarked;
