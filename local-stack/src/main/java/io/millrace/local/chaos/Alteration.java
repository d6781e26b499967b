package io.millrace.local.chaos;

import java.util.List;

/**
 * One ALTER TABLE.
 *
 * @param number of those of its plan, from 0
 * @param before what its transaction does first, as SQL; empty for nothing
 * @param kept the table's moving columns that are there before and after it
 * @param after its moving columns once it has committed
 */
record Alteration(
    int number,
    RandomTable table,
    Kind kind,
    String before,
    String clause,
    List<MovingColumn> kept,
    List<MovingColumn> after) {
  /** What becomes of a column. */
  enum Kind {
    ADD("add a column"),
    ADD_WITH_VALUES("add a column with a default"),
    FORBID_NULL("set a column NOT NULL"),
    ALLOW_NULL("let a column be null"),
    WIDEN("widen a column"),
    WIDEN_VIEWED("widen a column that views read"),
    RENAME("rename a column"),
    DROP("drop a column"),
    ADD_AGAIN("add a dropped column again");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** Rows that are only added are then other rows than those that the lake has. */
    boolean changesAppended() {
      return this == ADD_WITH_VALUES || this == RENAME || this == ADD_AGAIN || this == FORBID_NULL;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  Alteration {
    kept = List.copyOf(kept);
    after = List.copyOf(after);
  }

  String sql() {
    return before + "ALTER TABLE " + table.name() + " " + clause;
  }
}
