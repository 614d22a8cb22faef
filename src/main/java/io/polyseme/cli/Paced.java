package io.polyseme.cli;

import io.polyseme.Cancel;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.SentenceVectors;
import java.util.Iterator;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Sentence vectors, and how fast they come: from the first text that is taken, when the model has
 * been loaded, until the last vector is handed over.
 */
final class Paced implements SentenceVectors {
  private final SentenceVectors vectors;
  private long sentences;
  private long nanos;

  Paced(SentenceVectors vectors) {
    this.vectors = vectors;
  }

  @Override
  public void encodeAll(Iterator<TextInput> inputs, Consumer<EncodeResult> sink, Cancel cancel) {
    var clock = new Clock(inputs);
    vectors.encodeAll(
        clock,
        result -> {
          sentences++;
          sink.accept(result);
        },
        cancel);
    nanos += clock.started ? System.nanoTime() - clock.start : 0;
  }

  private static final class Clock implements Iterator<TextInput> {
    private final Iterator<TextInput> inputs;
    private boolean started;
    private long start;

    Clock(Iterator<TextInput> inputs) {
      this.inputs = inputs;
    }

    @Override
    public boolean hasNext() {
      return inputs.hasNext();
    }

    @Override
    public TextInput next() {
      if (!started) {
        started = true;
        start = System.nanoTime();
      }
      return inputs.next();
    }
  }

  @Override
  public String toString() {
    double seconds = Math.max(nanos, 1) / 1e9;
    return String.format(
        Locale.ROOT,
        "%d sentences in %.1f s, %.0f texts a second",
        sentences,
        seconds,
        sentences / seconds);
  }
}
