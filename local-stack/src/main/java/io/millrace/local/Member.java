package io.millrace.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One process of the stack: a component, or a further replica of a service.
 *
 * @param replica 1 for the process that every stack has
 * @param source the source that a cdc-connector captures, of a pipeline that names several; else
 *     empty
 */
record Member(Component component, int replica, String source) {
  private static final int REPLICAS = 2;
  private static final Pattern CONNECTOR = Pattern.compile("cdc-connector-([a-z][a-z0-9_]*)");
  private static final List<Member> ALL = all();

  /** The process that every stack has. */
  static Member of(Component component) {
    return new Member(component, 1, "");
  }

  /** The connector of a source. */
  static Member capturing(String source) {
    return new Member(Component.CDC_CONNECTOR, 1, source);
  }

  /** The process of a name, if a stack can have one of that name. */
  static Optional<Member> find(String id) {
    Matcher connector = CONNECTOR.matcher(id);
    return connector.matches()
        ? Optional.of(capturing(connector.group(1)))
        : ALL.stream().filter(member -> member.id().equals(id)).findFirst();
  }

  /** The process of a name: {@code sink-service}, or {@code sink-service-2}. */
  static Member of(String id) {
    return find(id)
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

  /** Every process that a stack can have, but the connectors of named sources. */
  static List<Member> values() {
    return ALL;
  }

  private static List<Member> all() {
    List<Member> all = new ArrayList<>();
    for (Component component : Component.values()) {
      for (int replica = 1; replica <= (component.isService() ? REPLICAS : 1); replica++) {
        all.add(new Member(component, replica, ""));
      }
    }
    return List.copyOf(all);
  }

  /** The name that users see: of its process and its log. */
  String id() {
    return component.id()
        + (source.isEmpty() ? "" : "-" + source)
        + (replica == 1 ? "" : "-" + replica);
  }

  boolean isService() {
    return component.isService();
  }
}
