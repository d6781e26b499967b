@NullMarked
package io.millrace.local.letters;

import org.jspecify.annotations.NullMarked;
