package io.millrace.cdc.binlog;

import io.millrace.cdc.CapturedTable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A table that can be captured.
 *
 * @param captured what every source has
 * @param types of its columns, in the table's order
 */
record BinlogTable(CapturedTable captured, Map<String, BinlogType> types) {
  BinlogTable {
    types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
  }
}
