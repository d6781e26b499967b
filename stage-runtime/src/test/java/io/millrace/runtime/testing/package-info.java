/** Fixtures for the tests of every stage: a real broker and registry, and one without network. */
@NullMarked
package io.millrace.runtime.testing;

import org.jspecify.annotations.NullMarked;
