/** cdc-connector for MariaDB. */
@org.jspecify.annotations.NullMarked
package io.millrace.cdc.mariadb;
