package io.millrace.local.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Which tables are asked to be read again while they are in use, and what is done about it
 * meanwhile: a matter of the seed alone. One without a key cannot be read again.
 */
final class RereadPlan {
  /** What becomes of a snapshot. */
  enum Course {
    LEFT_ALONE("read a table again"),
    PAUSED("read a table again, with a pause"),
    STOPPED("read a table again, and stop");

    private final String text;

    Course(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * A snapshot that is asked for, and the quiet before it.
   *
   * @param number of those of the plan, from 0
   * @param condition in SQL; empty for the whole table
   * @param after how long it is left before it is paused, and then resumed, or stopped
   */
  record Step(
      Duration quiet,
      int number,
      RandomTable table,
      String condition,
      Course course,
      Duration after) {
    @Override
    public String toString() {
      return "%s: %s%s"
          .formatted(course, table.name(), condition.isEmpty() ? "" : " WHERE " + condition);
    }
  }

  private final RandomGenerator random;
  private final List<RandomTable> tables;
  private int number;

  private RereadPlan(RandomGenerator random, List<RandomTable> tables) {
    this.random = random;
    this.tables = tables.stream().filter(table -> !table.key().isEmpty()).toList();
  }

  /** Snapshots without end. */
  static Iterator<Step> endless(RandomGenerator random, List<RandomTable> tables) {
    RereadPlan plan = new RereadPlan(random, tables);
    Course[] courses = Course.values();
    return Stream.generate(
            () ->
                plan.step(
                    5_000, 40_000, courses[random.nextInt(courses.length)], random.nextBoolean()))
        .iterator();
  }

  /** Each course once, shortly one after the other; one of them with a condition. */
  static Iterator<Step> eachCourse(RandomGenerator random, List<RandomTable> tables) {
    RereadPlan plan = new RereadPlan(random, tables);
    List<Step> steps = new ArrayList<>();
    for (Course course : Course.values()) {
      steps.add(plan.step(1_000, 6_000, course, course == Course.PAUSED));
    }
    return steps.iterator();
  }

  private Step step(int fromMillis, int toMillis, Course course, boolean some) {
    RandomTable table = tables.get(random.nextInt(tables.size()));
    String condition =
        some ? "hashtext(CAST(%s AS text)) %% 3 = 0".formatted(table.keyColumns().getFirst()) : "";
    return new Step(
        Duration.ofMillis(random.nextInt(fromMillis, toMillis)),
        number++,
        table,
        condition,
        course,
        Duration.ofMillis(random.nextInt(100, 4_000)));
  }
}
