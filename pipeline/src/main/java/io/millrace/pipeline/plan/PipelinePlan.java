package io.millrace.pipeline.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The plans of a pipeline's views.
 *
 * @param views every view by name, each after the views that it reads
 */
public record PipelinePlan(Map<String, ViewPlan> views) {
  /** Keeps the order of {@code views}. */
  public PipelinePlan {
    views = Collections.unmodifiableMap(new LinkedHashMap<>(views));
  }
}
