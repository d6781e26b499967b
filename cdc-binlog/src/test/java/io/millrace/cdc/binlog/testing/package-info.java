/** Tests of a server with a binary log, and what they run on: the same for every kind of server. */
@org.jspecify.annotations.NullMarked
package io.millrace.cdc.binlog.testing;
