package io.polyseme.benchmarks;

import ai.djl.huggingface.translator.TextEmbeddingTranslatorFactory;
import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.nio.file.Path;
import java.util.List;

/** DJL's translator for text embeddings, on its engine for ONNX Runtime. */
final class DjlSide implements Side {
  private final int size;
  private final boolean sorted;
  private final ZooModel<String, float[]> model;
  private final Predictor<String, float[]> predictor;

  /**
   * @param size of a batch; 1 for texts one by one
   * @param sorted whether texts of like length come together
   */
  DjlSide(Path folder, int size, boolean sorted) throws Exception {
    this.size = size;
    this.sorted = sorted;
    model =
        Criteria.builder()
            .setTypes(String.class, float[].class)
            .optModelPath(folder)
            .optModelName("model")
            .optEngine("OnnxRuntime")
            .optTranslatorFactory(new TextEmbeddingTranslatorFactory())
            .optArgument("pooling", "mean")
            .optArgument("normalize", "true")
            .optArgument("includeTokenTypes", "true")
            .optArgument("maxLength", "512")
            .build()
            .loadModel();
    predictor = model.newPredictor();
  }

  @Override
  public List<float[]> encode(List<String> texts) throws Exception {
    return Side.inBatches(
        texts,
        size,
        sorted,
        batch ->
            size == 1
                ? List.of(predictor.predict(batch.getFirst()))
                : predictor.batchPredict(batch));
  }

  @Override
  public void close() {
    predictor.close();
    model.close();
  }
}
