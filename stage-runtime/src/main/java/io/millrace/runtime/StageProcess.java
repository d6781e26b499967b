package io.millrace.runtime;

import java.util.function.Function;

final class StageProcess {
  StageProcess(String stage, Function<StageContext, Stage> factory) {}

  int run(String[] args) {
    return 0;
  }
}
