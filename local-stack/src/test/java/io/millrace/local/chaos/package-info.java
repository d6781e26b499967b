@NullMarked
package io.millrace.local.chaos;

import org.jspecify.annotations.NullMarked;
