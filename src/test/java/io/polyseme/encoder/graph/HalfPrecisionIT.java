package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.graph.EncoderGraph.Operators;
import io.polyseme.model.ModelStore;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models in float16, on the CPU. It has few kernels of that type, and puts Casts around the others:
 * each operator's result is rounded as on a GPU, and only sums inside of it are not.
 */
@Timeout(300)
class HalfPrecisionIT {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();
  private static final int ROWS = 3;
  private static final int LENGTH = 24;

  private static EncoderGraph graph(String model) {
    return EncoderGraph.read(
        ModelStore.standard().open(model, Progress.NONE, Cancel.create()).onnx());
  }

  @ParameterizedTest
  @ValueSource(strings = {"all-minilm-l6-v2", "bge-small-en-v1.5", "bge-small-zh-v1.5"})
  void everyLayerIsThatOfFloat32(String model) throws Exception {
    EncoderGraph graph = graph(model);
    Set<Tap> taps = new LinkedHashSet<>();
    for (int layer = 0; layer <= graph.layers(); layer++) {
      taps.add(new Tap.HiddenState(layer));
    }
    Map<Tap, float[]> exact = run(graph.tap(taps, Operators.AS_EXPORTED), null);
    Map<Tap, float[]> half = run(graph.tap(taps, Operators.HALF_PRECISION), null);
    // Some orders of magnitude below 65504, where float16 ends.
    for (float[] values : exact.values()) {
      for (float value : values) {
        assertTrue(Math.abs(value) < 100, model + ": " + value);
      }
    }
    double worst = 1;
    for (Tap tap : taps) {
      int dimension = graph.dimension();
      for (int row = 0; row < ROWS; row++) {
        // Padding is what a mask hides, and nothing reads it.
        for (int token = 0; token < LENGTH - 3 * row; token++) {
          int place = (row * LENGTH + token) * dimension;
          worst = Math.min(worst, cosine(exact.get(tap), half.get(tap), place, dimension));
        }
      }
    }
    assertTrue(worst > 0.9999 && worst < 1 - 1e-8, model + ": " + worst);
  }

  @Test
  void weightsAreConvertedAsTheModelIsLoaded(@TempDir Path folder) throws Exception {
    EncoderGraph graph = graph("bge-small-zh-v1.5");
    Tap last = new Tap.HiddenState(graph.layers());
    Path optimised = folder.resolve("optimised.onnx");
    run(graph.tap(Set.of(last), Operators.HALF_PRECISION), optimised);
    int half = 0;
    for (TensorProto tensor : OnnxFile.read(optimised).model().getGraph().getInitializerList()) {
      if (tensor.getDimsCount() == 2 && tensor.getDims(0) > 2) {
        assertEquals(TensorProto.DataType.FLOAT16_VALUE, tensor.getDataType(), tensor.getName());
        half++;
      }
    }
    assertEquals(2 + 6 * graph.layers(), half, "embeddings, and six projections a layer");
  }

  private static double cosine(float[] a, float[] b, int from, int length) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = from; i < from + length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  private static Map<Tap, float[]> run(EncoderGraph.Tapped tapped, Path optimised)
      throws Exception {
    var random = new Random(3);
    var ids = new long[ROWS][LENGTH];
    var mask = new long[ROWS][LENGTH];
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < LENGTH - 3 * row; i++) {
        ids[row][i] = i == 0 ? 101 : 999 + random.nextInt(10_000);
        mask[row][i] = 1;
      }
    }
    try (var options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.setIntraOpNumThreads(1);
      if (optimised != null) {
        options.setOptimizedModelFilePath(optimised.toString());
        options.setOptimizationLevel(OptLevel.BASIC_OPT);
      }
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          tapped.weightsFolder().toString());
      try (OrtSession session = ENVIRONMENT.createSession(tapped.model(), options)) {
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        for (String name : session.getInputNames()) {
          inputs.put(
              name,
              OnnxTensor.createTensor(
                  ENVIRONMENT,
                  name.contains("mask")
                      ? mask
                      : name.contains("type") ? new long[ROWS][LENGTH] : ids));
        }
        try (OrtSession.Result result = session.run(inputs)) {
          Map<Tap, float[]> values = new HashMap<>();
          for (Map.Entry<Tap, String> output : tapped.outputs().entrySet()) {
            FloatBuffer buffer =
                ((OnnxTensor) result.get(output.getValue()).orElseThrow()).getFloatBuffer();
            var array = new float[buffer.remaining()];
            buffer.get(array);
            values.put(output.getKey(), array);
          }
          return values;
        } finally {
          inputs.values().forEach(OnnxTensor::close);
        }
      }
    }
  }
}
