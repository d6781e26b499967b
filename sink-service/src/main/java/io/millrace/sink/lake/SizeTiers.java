package io.millrace.sink.lake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * Which files are to become one: those of like size, each size being eight times the one before. So
 * a row is written anew as often as its file grows eightfold, not each time that a small file
 * comes.
 */
public final class SizeTiers {
  /** So many files of like size become one. */
  public static final int GROWTH = 8;

  private static final int BITS = 3;

  private SizeTiers() {}

  /**
   * Groups files, small ones first.
   *
   * @param files in the order in which their rows shall stand
   * @param size of a file
   * @param target greatest size of what a group becomes; whatever is larger than half of it stays
   * @return groups of {@link #GROWTH} files, or of fewer that come to half the target
   */
  public static <F> List<List<F>> groups(List<F> files, ToLongFunction<F> size, long target) {
    Map<Integer, List<F>> alike = new TreeMap<>();
    for (F file : files) {
      if (size.applyAsLong(file) < target / 2) {
        alike.computeIfAbsent(tier(size.applyAsLong(file)), any -> new ArrayList<>()).add(file);
      }
    }
    List<List<F>> groups = new ArrayList<>();
    alike.values().forEach(tier -> groups.addAll(pack(tier, size, target)));
    groups.removeIf(
        group -> group.size() < GROWTH && (group.size() < 2 || sum(group, size) < target / 2));
    return groups;
  }

  private static int tier(long size) {
    return (Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(1, size))) / BITS;
  }

  private static <F> List<List<F>> pack(List<F> files, ToLongFunction<F> size, long target) {
    List<List<F>> groups = new ArrayList<>();
    List<F> group = new ArrayList<>();
    for (F file : files) {
      if (sum(group, size) + size.applyAsLong(file) > target) {
        groups.add(group);
        group = new ArrayList<>();
      }
      group.add(file);
    }
    groups.add(group);
    return groups;
  }

  private static <F> long sum(List<F> group, ToLongFunction<F> size) {
    return group.stream().mapToLong(size).sum();
  }
}
