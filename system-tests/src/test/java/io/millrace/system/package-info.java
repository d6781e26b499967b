/** The packaged services as processes, broken on purpose and compared with SQL on the source. */
@NullMarked
package io.millrace.system;

import org.jspecify.annotations.NullMarked;
