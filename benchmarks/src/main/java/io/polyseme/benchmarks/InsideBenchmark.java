package io.polyseme.benchmarks;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.model.ModelStore;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to look inside: attention, hidden states and feed-forward activations of a text of
 * 128 tokens in all layers, beside a plain run that gives the text's vector.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(1)
public class InsideBenchmark {
  private static final int TOKENS = 128;

  @Param({"all-minilm-l6-v2", "bge-small-en-v1.5"})
  public String model;

  private Encoder encoder;
  private Inside inside;
  private String text;
  private TokenisedText tokens;
  private ActivationRequest request;

  @Setup
  public void open() {
    encoder = Encoder.open(ModelStore.standard().open(model, Progress.NONE, Cancel.create()));
    inside = encoder.inside();
    var words = new StringBuilder("word");
    while (inside.tokenise(words.toString()).count() < TOKENS) {
      words.append(" word");
    }
    text = words.toString();
    tokens = inside.tokenise(text);
    if (tokens.count() != TOKENS) {
      throw new AssertionError(tokens.count() + " tokens");
    }
    Set<Tap> taps = new HashSet<>();
    for (int layer = 1; layer <= inside.layers(); layer++) {
      taps.add(new Tap.Attention(layer));
      taps.add(new Tap.HiddenState(layer));
      taps.add(new Tap.FeedForward(layer));
    }
    request = ActivationRequest.of(taps);
  }

  @Benchmark
  public Encoded plain() {
    return encoder.encode(text, EncodeRequest.ofSentences());
  }

  @Benchmark
  public Activations inside() {
    return inside.activations(tokens, request);
  }

  @TearDown
  public void close() {
    encoder.close();
  }
}
