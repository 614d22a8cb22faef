package io.polyseme.encoder.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs the graphs of small Transformers on batches of texts. */
final class TinyRun {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  private TinyRun() {}

  /** The values of one output, and its shape. */
  record Output(long[] shape, float[] values) {}

  /** Has the runtime write what it makes of a model. */
  static void optimise(Path model, OptLevel level, Path to) throws Exception {
    try (var options = options(level)) {
      options.setOptimizedModelFilePath(to.toString());
      ENVIRONMENT.createSession(model.toString(), options).close();
    }
  }

  /** Every number is the same to within a tolerance, but for what padding gives. */
  static void assertClose(
      Output expected,
      Output actual,
      TinyTransformer tiny,
      int[][] texts,
      double tolerance,
      Object what) {
    int width = (int) expected.shape[expected.shape.length - 1];
    int longest = (int) expected.shape[expected.shape.length - 2];
    int rows = expected.values.length / width;
    int heads = rows / longest / texts.length;
    for (int row = 0; row < rows; row++) {
      if (row % longest >= texts[row / longest / heads].length) {
        continue;
      }
      for (int d = 0; d < width; d++) {
        assertEquals(
            expected.values[row * width + d],
            actual.values[row * width + d],
            tolerance,
            "%s, %s, row %d, element %d".formatted(tiny, what, row, d));
      }
    }
  }

  private static OrtSession.SessionOptions options(OptLevel level) throws Exception {
    var options = new OrtSession.SessionOptions();
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    options.setOptimizationLevel(level);
    options.setIntraOpNumThreads(1);
    return options;
  }

  /**
   * The values for a batch of these texts, padded to the longest.
   *
   * @param level with the optimisers left out that the operators which are fast on a CPU need to be
   *     left out
   */
  static Map<Tap, Output> run(
      EncoderGraph.Tapped tapped, TinyTransformer tiny, OptLevel level, int[]... texts)
      throws Exception {
    return run(tapped, tiny, level, Map.of(), texts);
  }

  /**
   * As above.
   *
   * @param numbers further inputs float[1]
   */
  static Map<Tap, Output> run(
      EncoderGraph.Tapped tapped,
      TinyTransformer tiny,
      OptLevel level,
      Map<String, Float> numbers,
      int[]... texts)
      throws Exception {
    Map<String, long[][]> values = tiny.inputs(texts);
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    try (var options = options(level)) {
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          tapped.weightsFolder().toString());
      options.addConfigEntry(
          "optimization.disable_specified_optimizers", EncoderGraph.UNWANTED_OPTIMISERS);
      try (OrtSession session = ENVIRONMENT.createSession(tapped.model(), options)) {
        for (var input : session.getInputInfo().values()) {
          Float number = numbers.get(input.getName());
          inputs.put(
              input.getName(),
              number != null
                  ? OnnxTensor.createTensor(ENVIRONMENT, new float[] {number})
                  : tensor(
                      (TensorInfo) input.getInfo(),
                      values.get(input.getName()),
                      tiny,
                      texts.length));
        }
        Map<Tap, Output> outputs = new HashMap<>();
        try (OrtSession.Result result = session.run(inputs)) {
          for (Map.Entry<Tap, String> output : tapped.outputs().entrySet()) {
            var tensor = (OnnxTensor) result.get(output.getValue()).orElseThrow();
            FloatBuffer buffer = tensor.getFloatBuffer();
            var array = new float[buffer.remaining()];
            buffer.get(array);
            outputs.put(output.getKey(), new Output(tensor.getInfo().getShape(), array));
          }
        }
        return outputs;
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor tensor(TensorInfo info, long[][] values, TinyTransformer tiny, int rows)
      throws Exception {
    if (values == null) {
      return OnnxTensor.createTensor(
          ENVIRONMENT,
          ByteBuffer.allocateDirect(0),
          new long[] {rows, tiny.keyHeads, 0, tiny.width},
          OnnxJavaType.FLOAT);
    }
    long[] flat = Arrays.stream(values).flatMapToLong(Arrays::stream).toArray();
    long[] shape = {values.length, values[0].length};
    return info.type == OnnxJavaType.INT64
        ? OnnxTensor.createTensor(ENVIRONMENT, LongBuffer.wrap(flat), shape)
        : OnnxTensor.createTensor(
            ENVIRONMENT,
            IntBuffer.wrap(Arrays.stream(flat).mapToInt(Math::toIntExact).toArray()),
            shape);
  }
}
