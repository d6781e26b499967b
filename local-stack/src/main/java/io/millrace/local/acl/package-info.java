/** What each service may do to Kafka. */
@NullMarked
package io.millrace.local.acl;

import org.jspecify.annotations.NullMarked;
