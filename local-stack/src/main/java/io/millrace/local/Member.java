package io.millrace.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One process of the stack: a component, or a further replica of a service.
 *
 * @param replica 1 for the process that every stack has
 */
record Member(Component component, int replica) {
  private static final int REPLICAS = 2;
  private static final List<Member> ALL = all();

  /** The process that every stack has. */
  static Member of(Component component) {
    return new Member(component, 1);
  }

  /** The process of a name: {@code sink-service}, or {@code sink-service-2}. */
  static Member of(String id) {
    return ALL.stream()
        .filter(member -> member.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no process is called '%s'; there are %s"
                        .formatted(
                            id,
                            Arrays.stream(Component.values())
                                .map(Component::id)
                                .collect(Collectors.joining(", ")))));
  }

  /** Every process that a stack can have. */
  static List<Member> values() {
    return ALL;
  }

  private static List<Member> all() {
    List<Member> all = new ArrayList<>();
    for (Component component : Component.values()) {
      for (int replica = 1; replica <= (component.isService() ? REPLICAS : 1); replica++) {
        all.add(new Member(component, replica));
      }
    }
    return List.copyOf(all);
  }

  /** The name that users see: of its process and its log. */
  String id() {
    return replica == 1 ? component.id() : component.id() + "-" + replica;
  }

  boolean isService() {
    return component.isService();
  }
}
