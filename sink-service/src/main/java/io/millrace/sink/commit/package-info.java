/**
 * The commit protocol: work inside the Kafka transaction of a Streams thread, the descriptors that
 * writers send, and the committer that turns them into Iceberg commits.
 */
@NullMarked
package io.millrace.sink.commit;

import org.jspecify.annotations.NullMarked;
