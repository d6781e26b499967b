package io.millrace.runtime;

import io.millrace.pipeline.PipelineFile;
import io.millrace.pipeline.PipelineFileException;
import io.millrace.pipeline.PipelineFileReader;
import io.millrace.runtime.http.HttpEndpoints;
import io.millrace.runtime.serde.HttpSchemaRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A service's process, from its settings to its exit status. */
final class StageProcess {
  static final int FAILED = 1;
  static final int MISUSED = 2;

  private final String stage;
  private final BiFunction<PipelineFile, String, PipelineFile> part;
  private final Function<StageContext, Stage> factory;
  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;

  StageProcess(
      String stage,
      BiFunction<PipelineFile, String, PipelineFile> part,
      Function<StageContext, Stage> factory,
      Map<String, String> environment,
      PrintStream out,
      PrintStream err) {
    this.stage = stage;
    this.part = part;
    this.factory = factory;
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  /** Runs the stage; returns the exit status. */
  int run(List<String> args) {
    if (args.contains("--help") || args.contains("-h")) {
      out.println(ProcessSettings.help(stage));
      return 0;
    }
    JsonLogging.quieten();
    ProcessSettings settings;
    PipelineFile pipeline;
    try {
      settings = ProcessSettings.of(stage, args, environment);
      pipeline =
          part.apply(
              PipelineFileReader.read(settings.pipelineFile(), environment), settings.source());
    } catch (PipelineFileException e) {
      return misused(e);
    } catch (IllegalArgumentException e) {
      err.println(stage + ": " + e.getMessage());
      return MISUSED;
    }
    JsonLogging.configure(pipeline.pipeline(), stage, settings.stackTraces());
    return run(settings, pipeline);
  }

  private int misused(PipelineFileException e) {
    e.errors().forEach(err::println);
    return MISUSED;
  }

  private int run(ProcessSettings settings, PipelineFile pipeline) {
    Ending ending = new Ending();
    Thread.setDefaultUncaughtExceptionHandler(new UncaughtErrors(ending));
    try (HttpEndpoints http =
        new HttpEndpoints(stage, settings.httpHost(), settings.httpPort(), settings.httpToken())) {
      Files.createDirectories(settings.stateDirectory());
      StageContext context =
          new StageContext(
              stage,
              pipeline,
              settings.stateDirectory(),
              new HttpSchemaRegistry(pipeline.registry()),
              http.meters(),
              ending::fatal);
      new RunningStage(stage, factory.apply(context), http, ending).run();
    } catch (IOException e) {
      ending.fatal(
          "cannot create the state directory %s (%s): set %s to one that this process may write"
              .formatted(settings.stateDirectory(), e, ProcessSettings.STATE_DIR));
    } catch (PipelineFileException e) {
      return misused(e);
    } catch (RuntimeException | LinkageError e) {
      ending.failed(e);
    }
    return ending.report(stage, settings.stackTraces(), err);
  }
}
