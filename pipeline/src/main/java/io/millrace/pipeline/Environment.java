package io.millrace.pipeline;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Substitutes <code>${NAME}</code> and <code>${NAME:default}</code> in values; <code>$${</code>
 * stands for a literal <code>${</code>. Its errors name variables, never their values.
 */
final class Environment {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\$\\{|\\$\\{([^}:]*)(?::([^}]*))?(\\}?)");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Map<String, String> variables;
  private final Findings findings;

  Environment(Map<String, String> variables, Findings findings) {
    this.variables = Map.copyOf(variables);
    this.findings = findings;
  }

  /** {@code text} with its references replaced; an error leaves the reference out. */
  String substitute(String text, FilePosition position) {
    Matcher reference = REFERENCE.matcher(text);
    StringBuilder result = new StringBuilder();
    while (reference.find()) {
      FilePosition at = new FilePosition(position.line(), position.column() + reference.start());
      reference.appendReplacement(result, Matcher.quoteReplacement(value(reference, at)));
    }
    return reference.appendTail(result).toString();
  }

  private String value(Matcher reference, FilePosition position) {
    String name = reference.group(1);
    if (name == null) {
      return "${";
    }
    String fallback = reference.group(2);
    if (reference.group(3).isEmpty()) {
      findings.add(
          position,
          "'${' is not closed",
          "write ${NAME} or ${NAME:default}, or $${ for a literal ${");
      return "";
    }
    if (!NAME.matcher(name).matches() || (fallback != null && fallback.contains("${"))) {
      findings.add(
          position,
          "this is not a reference to an environment variable",
          "write ${NAME} or ${NAME:default} with a name of letters, digits and underscores and a"
              + " default without references");
      return "";
    }
    String value = variables.get(name);
    if (value != null) {
      return value;
    }
    if (fallback == null) {
      findings.add(
          position,
          "environment variable " + name + " is not set",
          "set it, or write a default: ${" + name + ":default}");
      return "";
    }
    return fallback;
  }
}
