package io.polyseme.benchmarks;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * What the sides have to compute, in the plainest way: text by text, nothing padded, the mean over
 * all tokens, of length one.
 */
final class EncodeReference implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /**
   * A text's vector.
   *
   * @param tokens how many tokens it has, the special ones with it
   */
  record Vector(int tokens, float[] values) {}

  EncodeReference(Path model) throws Exception {
    tokenizer =
        HuggingFaceTokenizer.builder()
            .optTokenizerPath(model.resolve("tokenizer.json"))
            .optPadding(false)
            .optTruncation(false)
            .build();
    session = environment.createSession(model.resolve("model.onnx").toString());
  }

  /** How many tokens a text has, the special ones with it. */
  int tokens(String text) {
    return tokenizer.encode(text).getIds().length;
  }

  Vector encode(String text) throws Exception {
    Encoding encoding = tokenizer.encode(text);
    long[] ids = encoding.getIds();
    var ones = new long[ids.length];
    Arrays.fill(ones, 1);
    try (OnnxTensor tokens = row(ids);
        OnnxTensor mask = row(ones);
        OnnxTensor types = row(new long[ids.length]);
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", tokens, "attention_mask", mask, "token_type_ids", types))) {
      float[][] states = ((float[][][]) result.get(0).getValue())[0];
      var sum = new double[states[0].length];
      for (float[] state : states) {
        for (int i = 0; i < sum.length; i++) {
          sum[i] += state[i];
        }
      }
      double norm = Math.sqrt(Arrays.stream(sum).map(x -> x * x).sum());
      var values = new float[sum.length];
      for (int i = 0; i < sum.length; i++) {
        values[i] = (float) (sum[i] / norm);
      }
      return new Vector(ids.length, values);
    }
  }

  private OnnxTensor row(long[] values) throws Exception {
    return OnnxTensor.createTensor(
        environment, LongBuffer.wrap(values), new long[] {1, values.length});
  }

  @Override
  public void close() throws Exception {
    session.close();
    tokenizer.close();
  }
}
