package io.millrace.pipeline.plan;

/**
 * A view, planned.
 *
 * @param output the relation that it makes; {@code output.row()} is the value schema of its topic
 * @param root the operator whose rows are the view's; {@code root.row()} equals {@code
 *     output.row()}
 */
public record ViewPlan(Relation output, ViewNode root) {}
