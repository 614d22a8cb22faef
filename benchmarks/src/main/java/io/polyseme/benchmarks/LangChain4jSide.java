package io.polyseme.benchmarks;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** LangChain4j's in-process model; its jar is where everybody's model comes from. */
final class LangChain4jSide implements Side {
  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final EmbeddingModel model;

  /**
   * @param oneThread whether texts are encoded one after the other, by ONNX Runtime's threads alone
   */
  LangChain4jSide(boolean oneThread) {
    model =
        oneThread ? new AllMiniLmL6V2EmbeddingModel(executor) : new AllMiniLmL6V2EmbeddingModel();
  }

  @Override
  public List<float[]> encode(List<String> texts) {
    List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
    return model.embedAll(segments).content().stream().map(Embedding::vector).toList();
  }

  @Override
  public void close() {
    executor.close();
  }
}
