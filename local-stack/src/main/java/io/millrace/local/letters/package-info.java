/** Dead letters of every stage: listed, shown, and replayed without undoing newer data. */
@NullMarked
package io.millrace.local.letters;

import org.jspecify.annotations.NullMarked;
