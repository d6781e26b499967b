package io.millrace.local.shop;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An invoice of the Online Retail data set.
 *
 * @param number with a leading C it cancels
 * @param customer missing for about a quarter of the lines
 */
record Invoice(
    String number,
    Instant date,
    @Nullable Long customer,
    @Nullable String country,
    List<Line> lines) {
  /**
   * A line, in the order of the file.
   *
   * @param description missing now and then
   * @param quantity negative where goods come back or are written off
   * @param price pounds, rounded to pence
   */
  record Line(String product, @Nullable String description, int quantity, BigDecimal price) {}

  boolean cancels() {
    return number.startsWith("C");
  }
}
