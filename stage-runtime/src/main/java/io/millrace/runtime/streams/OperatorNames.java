package io.millrace.runtime.streams;

import java.util.HashMap;
import java.util.Map;

/**
 * Names of a view's operators, and by them of its stores and internal topics: view, kind of
 * operator, number among the view's operators of that kind. They depend on no other view.
 */
public final class OperatorNames {
  private final String view;
  private final Map<String, Integer> numbers = new HashMap<>();

  OperatorNames(String view) {
    this.view = view;
  }

  /** The view that an operator or what it keeps is named after. */
  static String viewOf(String name) {
    int end = name.indexOf('-');
    return end < 0 ? name : name.substring(0, end);
  }

  /** The view's name. */
  public String view() {
    return view;
  }

  /** The next name for an operator of a kind, as {@code sales-join-1}. */
  public String next(String kind) {
    return view + "-" + kind + "-" + numbers.merge(kind, 1, Integer::sum);
  }
}
