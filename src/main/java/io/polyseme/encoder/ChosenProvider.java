package io.polyseme.encoder;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.CudaDiagnosis.Finding;
import io.polyseme.encoder.EncoderOptions.Device;
import io.polyseme.encoder.EncoderOptions.Precision;
import io.polyseme.encoder.ExecutionProvider.Placement;
import io.polyseme.encoder.graph.EncoderGraph;
import io.polyseme.encoder.graph.EncoderGraph.Operators;
import io.polyseme.encoder.graph.Quantisation;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Where the sessions of one encoder run: chosen once, as it is opened. Thread-safe. */
final class ChosenProvider {
  private final Device device;
  private final Consumer<String> notes;
  private final Set<String> noted = new HashSet<>();
  private volatile ExecutionProvider info;

  private ChosenProvider(Device device, String name, String reason, Consumer<String> notes) {
    this.device = device;
    this.notes = notes;
    this.info = new ExecutionProvider(device, name, reason, null);
  }

  /**
   * Finds out where a model is to run.
   *
   * @throws PolysemeException if what was asked for is not there, or cannot run this model
   */
  static ChosenProvider of(EncoderOptions options, EncoderGraph graph, String model) {
    ChosenProvider chosen =
        switch (options.device()) {
          case Device.Cpu cpu -> new ChosenProvider(cpu, "cpu", "asked for", options.notes());
          case Device.Cuda cuda ->
              switch (CudaDiagnosis.of(cuda)) {
                case Finding.Usable(String gpu) ->
                    new ChosenProvider(cuda, name(cuda, gpu), "asked for", options.notes());
                case Finding.Unusable(String what, String remedy) ->
                    throw new PolysemeException(
                        "CUDA cannot be used: %s. %s.".formatted(what, remedy));
              };
          case Device.Auto(Device.Cuda cuda) -> auto(cuda, CudaDiagnosis.of(cuda), options.notes());
        };
    chosen.check(graph, model);
    return chosen;
  }

  static ChosenProvider auto(Device.Cuda cuda, Finding finding, Consumer<String> notes) {
    ChosenProvider chosen =
        switch (finding) {
          case Finding.Usable(String gpu) ->
              new ChosenProvider(cuda, name(cuda, gpu), "auto: it can be used", notes);
          case Finding.Unusable(String what, _) ->
              new ChosenProvider(
                  new Device.Cpu(),
                  "cpu",
                  "auto: "
                      + what
                      + (cuda.precision() == Precision.FP32
                          ? ""
                          : "; in float32, and not " + cuda.precision().id()),
                  notes);
        };
    chosen.note("running on %s (%s)".formatted(chosen.info.name(), chosen.info.reason()));
    return chosen;
  }

  private static String name(Device.Cuda cuda, String gpu) {
    return "cuda:%d (%s)%s"
        .formatted(
            cuda.id(), gpu, cuda.precision() == Precision.FP32 ? "" : ", " + cuda.precision().id());
  }

  private void check(EncoderGraph graph, String model) {
    if (!(device instanceof Device.Cuda cuda)) {
      return;
    }
    if (cuda.precision() == Precision.FP16) {
      if (!graph.understood()) {
        throw new PolysemeException(
            "%s cannot be run in float16: %s; run it in float32".formatted(model, graph.problem()));
      }
      if (graph.quantisation() == Quantisation.BY_BATCH) {
        throw new PolysemeException(
            "%s computes with eight bits already and cannot be run in float16; take the model that it was made from"
                .formatted(model));
      }
    }
    if (graph.quantisation() == Quantisation.BY_ROW) {
      note(
          "on a GPU the weights of eight bits of %s are multiplied as %s: integers are for the CPU"
              .formatted(model, cuda.precision() == Precision.FP16 ? "float16" : "float32"));
    }
  }

  boolean onCuda() {
    return device instanceof Device.Cuda;
  }

  ExecutionProvider info() {
    return info;
  }

  /** In which operators graphs are to be written. */
  Operators operators() {
    return switch (device) {
      case Device.Cuda cuda ->
          cuda.precision() == Precision.FP16 ? Operators.HALF_PRECISION : Operators.AS_EXPORTED;
      case Device.Cpu _, Device.Auto _ -> Operators.FAST_ON_CPU;
    };
  }

  /** Has sessions run there. */
  void configure(OrtSession.SessionOptions settings) throws OrtException {
    if (device instanceof Device.Cuda cuda) {
      CudaDiagnosis.configure(settings, cuda);
      // Integers that weights are made of become floats as the model is loaded, not at each run.
      settings.addConfigEntry("session.disable_quant_qdq", "1");
    }
  }

  /** To be told what of a model runs where. */
  void placed(Placement placement) {
    ExecutionProvider known = info;
    info = new ExecutionProvider(known.device(), known.name(), known.reason(), placement);
    if (placement.computing() > 0) {
      note("on %s, %s".formatted(known.name(), placement));
    }
  }

  private synchronized void note(String note) {
    if (noted.add(note)) {
      notes.accept(note);
    }
  }
}
