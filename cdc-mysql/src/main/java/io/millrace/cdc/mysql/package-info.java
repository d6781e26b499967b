/** cdc-connector for MySQL. */
@org.jspecify.annotations.NullMarked
package io.millrace.cdc.mysql;
