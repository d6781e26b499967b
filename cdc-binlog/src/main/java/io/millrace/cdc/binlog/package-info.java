/** The part of cdc-connector that reads the binary log, of MariaDB and of MySQL. */
@org.jspecify.annotations.NullMarked
package io.millrace.cdc.binlog;
