package io.polyseme.encoder.graph;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Small BERT encoders: random weights, runs, and the arithmetic of the paper in plain Java. */
final class BertRun {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

  private BertRun() {}

  /** All outputs of a model file as it is, for a batch of texts padded to the longest. */
  static Map<String, float[]> run(Path file, int[]... texts) throws Exception {
    try (var options = options();
        OrtSession session = ENVIRONMENT.createSession(file.toString(), options)) {
      return run(session, texts);
    }
  }

  /** The outputs of a tapped graph. */
  static Map<String, float[]> run(EncoderGraph.Tapped tapped, int[]... texts) throws Exception {
    try (var options = options()) {
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path",
          tapped.weightsFolder().toString());
      options.addConfigEntry(
          "optimization.disable_specified_optimizers", EncoderGraph.UNWANTED_OPTIMISERS);
      try (OrtSession session = ENVIRONMENT.createSession(tapped.model(), options)) {
        return run(session, texts);
      }
    }
  }

  private static OrtSession.SessionOptions options() throws Exception {
    var options = new OrtSession.SessionOptions();
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    options.setIntraOpNumThreads(1);
    return options;
  }

  private static Map<String, float[]> run(OrtSession session, int[]... texts) throws Exception {
    int longest = Arrays.stream(texts).mapToInt(text -> text.length).max().orElseThrow();
    var values = new HashMap<String, long[][]>();
    for (String input : session.getInputNames()) {
      var rows = new long[texts.length][longest];
      for (int row = 0; row < rows.length; row++) {
        for (int i = 0; i < texts[row].length; i++) {
          rows[row][i] =
              switch (input) {
                case "input_ids" -> texts[row][i];
                case "attention_mask" -> 1;
                case "token_type_ids" -> type(i);
                default -> throw new AssertionError(input);
              };
        }
      }
      values.put(input, rows);
    }
    var inputs = new HashMap<String, OnnxTensor>();
    try {
      for (var entry : values.entrySet()) {
        inputs.put(entry.getKey(), OnnxTensor.createTensor(ENVIRONMENT, entry.getValue()));
      }
      var outputs = new HashMap<String, float[]>();
      try (OrtSession.Result result = session.run(inputs)) {
        for (var entry : result) {
          FloatBuffer buffer = ((OnnxTensor) entry.getValue()).getFloatBuffer();
          var array = new float[buffer.remaining()];
          buffer.get(array);
          outputs.put(entry.getKey(), array);
        }
      }
      return outputs;
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  /** The type of the token at a place. */
  static int type(int place) {
    return place < 3 ? 0 : 1;
  }

  /**
   * The hidden states of one text after all layers (Devlin et al. 2019; Vaswani et al. 2017,
   * sections 3.2 and 3.3), in double.
   */
  static double[][] states(BertShape shape, Map<String, float[]> weights, int... text) {
    int n = shape.dimension();
    var states = new double[text.length][n];
    for (int t = 0; t < text.length; t++) {
      for (int d = 0; d < n; d++) {
        states[t][d] =
            weights.get("embeddings.word_embeddings.weight")[text[t] * n + d]
                + weights.get("embeddings.position_embeddings.weight")[t * n + d];
        if (shape.types() > 0) {
          states[t][d] += weights.get("embeddings.token_type_embeddings.weight")[type(t) * n + d];
        }
      }
      states[t] = norm(shape, weights, "embeddings.LayerNorm", states[t]);
    }
    for (int layer = 0; layer < shape.layers(); layer++) {
      states = block(shape, weights, "encoder.layer." + layer + ".", states);
    }
    return states;
  }

  private static double[][] block(
      BertShape shape, Map<String, float[]> weights, String name, double[][] in) {
    int width = shape.dimension() / shape.heads();
    var query = new double[in.length][];
    var key = new double[in.length][];
    var value = new double[in.length][];
    for (int t = 0; t < in.length; t++) {
      query[t] = dense(weights, name + "attention.self.query", in[t]);
      key[t] = dense(weights, name + "attention.self.key", in[t]);
      value[t] = dense(weights, name + "attention.self.value", in[t]);
    }
    var out = new double[in.length][];
    for (int t = 0; t < in.length; t++) {
      int seen = shape.causal() ? t + 1 : in.length;
      var context = new double[shape.dimension()];
      for (int head = 0; head < shape.heads(); head++) {
        var attention = new double[seen];
        double sum = 0;
        for (int other = 0; other < seen; other++) {
          double score = 0;
          for (int i = head * width; i < (head + 1) * width; i++) {
            score += query[t][i] * key[other][i];
          }
          attention[other] = Math.exp(score / Math.sqrt(width));
          sum += attention[other];
        }
        for (int other = 0; other < seen; other++) {
          for (int i = head * width; i < (head + 1) * width; i++) {
            context[i] += attention[other] / sum * value[other][i];
          }
        }
      }
      double[] middle =
          norm(
              shape,
              weights,
              name + "attention.output.LayerNorm",
              sum(in[t], dense(weights, name + "attention.output.dense", context)));
      double[] wide = gelu(dense(weights, name + "intermediate.dense", middle));
      out[t] =
          norm(
              shape,
              weights,
              name + "output.LayerNorm",
              sum(middle, dense(weights, name + "output.dense", wide)));
    }
    return out;
  }

  /** The scores of all words by a state. */
  static double[] logits(BertShape shape, Map<String, float[]> weights, double[] state) {
    double[] changed =
        norm(
            shape,
            weights,
            "cls.predictions.transform.LayerNorm",
            gelu(dense(weights, "cls.predictions.transform.dense", state)));
    var logits = new double[shape.vocabulary()];
    for (int word = 0; word < logits.length; word++) {
      logits[word] = weights.get("cls.predictions.bias")[word];
      for (int d = 0; d < changed.length; d++) {
        logits[word] +=
            changed[d]
                * weights.get("embeddings.word_embeddings.weight")[word * changed.length + d];
      }
    }
    return logits;
  }

  private static double[] dense(Map<String, float[]> weights, String name, double[] in) {
    float[] matrix = weights.get(name + ".weight");
    float[] bias = weights.get(name + ".bias");
    var out = new double[bias.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = bias[i];
      for (int j = 0; j < in.length; j++) {
        out[i] += matrix[i * in.length + j] * in[j];
      }
    }
    return out;
  }

  private static double[] norm(
      BertShape shape, Map<String, float[]> weights, String name, double[] in) {
    double mean = Arrays.stream(in).average().orElseThrow();
    double variance = Arrays.stream(in).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    var out = new double[in.length];
    for (int i = 0; i < in.length; i++) {
      out[i] =
          (in[i] - mean) / Math.sqrt(variance + shape.epsilon()) * weights.get(name + ".weight")[i]
              + weights.get(name + ".bias")[i];
    }
    return out;
  }

  private static double[] sum(double[] one, double[] other) {
    var sum = one.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other[i];
    }
    return sum;
  }

  /** x Φ(x), the normal distribution's integral by Simpson's rule. */
  private static double[] gelu(double[] in) {
    return Arrays.stream(in)
        .map(
            x -> {
              int steps = 400;
              double step = x / steps;
              double sum = 0;
              for (int i = 0; i <= steps; i++) {
                double weight = i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4;
                sum += weight * Math.exp(-i * step * i * step / 2);
              }
              return x * (0.5 + sum * step / 3 / Math.sqrt(2 * Math.PI));
            })
        .toArray();
  }
}
