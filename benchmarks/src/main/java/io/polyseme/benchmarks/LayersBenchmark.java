package io.polyseme.benchmarks;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.model.ModelStore;
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
 * What layers cost: the last of BGE-small's twelve, all of them, or a graph cut at an early one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(Texts.COUNT)
@Warmup(iterations = 1, time = 10)
@Measurement(iterations = 3, time = 10)
@Fork(1)
public class LayersBenchmark {
  @Param({"last", "all", "6", "3"})
  public String layers;

  private List<String> texts;
  private Encoder encoder;
  private EncodeRequest request;

  @Setup
  public void open() {
    texts = Texts.definitions();
    encoder =
        Encoder.open(
            ModelStore.standard().open("bge-small-en-v1.5", Progress.NONE, Cancel.create()));
    request = EncodeRequest.ofSentences().withLayers(Layers.parse(layers));
  }

  @Benchmark
  public long encode() {
    return Texts.encode(encoder, texts, request);
  }

  @TearDown
  public void close() {
    encoder.close();
  }
}
