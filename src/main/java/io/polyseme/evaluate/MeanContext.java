package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.TextInput;
import io.polyseme.vector.Span;
import io.polyseme.vector.VectorSpace;
import io.polyseme.vector.Vectors;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a word in its context is without a Transformer: the mean of the static vectors of the words
 * around it, each of unit length (Huang et al. 2012). What contextual vectors are held against.
 */
final class MeanContext implements ContextVectors {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+");

  private final VectorSpace words;

  MeanContext(VectorSpace words) {
    this.words = words;
  }

  @Override
  public void encodeAll(Iterator<TextInput> inputs, Consumer<EncodeResult> sink, Cancel cancel) {
    for (long index = 0; inputs.hasNext(); index++) {
      cancel.check();
      TextInput input = inputs.next();
      Span span = input.spans().getFirst();
      float[] mean = mean(input.text(), span);
      if (mean == null) {
        sink.accept(
            new EncodeResult.Failed(
                index,
                input,
                new PolysemeException("no word around the word asked for has a vector")));
        continue;
      }
      var word =
          new EncodedWord(
              span, span.of(input.text()), List.of(), List.of(new LayerVector("context", mean)));
      sink.accept(
          new EncodeResult.Done(
              index, new Encoded(input.text(), List.of(word), List.of(), 0, 0, 1, List.of())));
    }
  }

  private float @Nullable [] mean(String text, Span span) {
    float[] sum = null;
    Matcher found = WORD.matcher(text);
    while (found.find()) {
      if (found.start() < span.end() && found.end() > span.start()) {
        continue;
      }
      Optional<float[]> vector = words.vector(found.group());
      if (vector.isEmpty()) {
        vector = words.vector(found.group().toLowerCase(Locale.ROOT));
      }
      if (vector.isEmpty()) {
        continue;
      }
      float[] unit = Vectors.unitOrZero(vector.get());
      sum = sum == null ? new float[unit.length] : sum;
      Vectors.addScaled(sum, unit, 1);
    }
    return sum;
  }
}
