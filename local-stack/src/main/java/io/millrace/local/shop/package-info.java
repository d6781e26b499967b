/** The shop of the example pipeline, and what goes on in it: simulated, or as once recorded. */
@NullMarked
package io.millrace.local.shop;

import org.jspecify.annotations.NullMarked;
