@NullMarked
package io.millrace.local.shop;

import org.jspecify.annotations.NullMarked;
