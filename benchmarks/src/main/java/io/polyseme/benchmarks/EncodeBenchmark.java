package io.polyseme.benchmarks;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Vectors;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Sentence vectors of the same 1,000 texts by the same model (all-MiniLM-L6-v2, fp32) on the same
 * ONNX Runtime: Polyseme, and LangChain4j's in-process model. The score is texts a second.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(Texts.COUNT)
@Warmup(iterations = 1, time = 10)
@Measurement(iterations = 5, time = 10)
@Fork(1)
public class EncodeBenchmark {
  /** Definitions, lemmas of one to five words, or both and paragraphs. */
  @Param({"glosses", "short", "mixed"})
  public String set;

  private List<String> texts;
  private List<TextSegment> segments;
  private Encoder encoder;
  private AllMiniLmL6V2EmbeddingModel langChain;

  @Setup
  public void open() {
    texts = Texts.of(set, Texts.COUNT);
    segments = texts.stream().map(TextSegment::from).toList();
    encoder =
        Encoder.open(
            ModelStore.standard().open("all-minilm-l6-v2", Progress.NONE, Cancel.create()));
    langChain = new AllMiniLmL6V2EmbeddingModel();
    long tokens = Texts.encode(encoder, texts, EncodeRequest.ofSentences());
    System.out.printf("%d texts of %.1f tokens%n", texts.size(), (double) tokens / texts.size());
    for (String text : texts.subList(0, 20)) {
      float[] ours = encoder.encode(text, EncodeRequest.ofSentences()).vector();
      float[] theirs = langChain.embed(text).content().vector();
      if (Vectors.cosine(ours, theirs) < 0.9999) {
        throw new IllegalStateException("the two sides do not compute the same: " + text);
      }
    }
  }

  @Benchmark
  public long polyseme() {
    return Texts.encode(encoder, texts, EncodeRequest.ofSentences());
  }

  @Benchmark
  public List<Embedding> langChain4j() {
    return langChain.embedAll(segments).content();
  }

  @TearDown
  public void close() {
    encoder.close();
  }
}
