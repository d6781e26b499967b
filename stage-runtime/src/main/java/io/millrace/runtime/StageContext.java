package io.millrace.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.pipeline.PipelineFile;
import io.millrace.runtime.serde.SchemaRegistry;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What a stage is given to work with.
 *
 * @param stage its name: in consumer groups, client ids, the dead-letter topic, logs
 * @param pipeline the pipeline file
 * @param stateDirectory an existing directory of this process alone, kept over restarts
 * @param registry the pipeline's schema registry
 * @param meters where the stage's metrics go
 * @param fatal stops the process with exit status 1 and a message that says what to do; returns at
 *     once and may be called from any thread, the stage's own included
 */
public record StageContext(
    String stage,
    PipelineFile pipeline,
    Path stateDirectory,
    SchemaRegistry registry,
    MeterRegistry meters,
    Consumer<String> fatal) {}
