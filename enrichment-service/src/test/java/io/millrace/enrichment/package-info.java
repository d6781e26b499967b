@NullMarked
package io.millrace.enrichment;

import org.jspecify.annotations.NullMarked;
