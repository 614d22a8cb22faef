package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.insight.WordPath.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The way of words through the layers, the mean over a corpus.
 *
 * @param words how many words it is the mean of
 * @param leftOut texts that were not read: empty, or longer than the model's window
 * @param layers from 0, the embeddings
 */
public record MeanPath(long words, long leftOut, List<Layer> layers) {
  /** The mean of each of {@link Step}'s figures; NaN where there is none. */
  public record Layer(
      int layer,
      double moved,
      double toBefore,
      double toFirst,
      double turned,
      double attention,
      double feedForward) {}

  public MeanPath {
    layers = List.copyOf(layers);
  }

  /**
   * Follows words through a corpus, in constant memory.
   *
   * @param word only this one, in any case; null for all words
   * @throws PolysemeException if no text has the word
   */
  public static MeanPath of(
      Inside inside, Iterator<String> texts, @Nullable String word, Cancel cancel) {
    String wanted = word == null ? null : word.strip().toLowerCase(Locale.ROOT);
    Deque<List<Unit>> units = new ArrayDeque<>();
    var leftOut = new long[1];
    Iterator<TokenisedText> readable =
        new Iterator<>() {
          private @Nullable TokenisedText next;

          @Override
          public boolean hasNext() {
            while (next == null && texts.hasNext()) {
              String text = texts.next();
              try {
                TokenisedText tokens = inside.tokenise(text);
                List<Unit> found =
                    Unit.of(tokens).stream()
                        .filter(u -> u.kind() == Unit.Kind.WORD)
                        .filter(
                            u -> wanted == null || u.text().toLowerCase(Locale.ROOT).equals(wanted))
                        .toList();
                if (!found.isEmpty()) {
                  units.add(found);
                  next = tokens;
                }
              } catch (PolysemeException e) {
                leftOut[0]++;
              }
            }
            return next != null;
          }

          @Override
          public TokenisedText next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            TokenisedText given = next;
            next = null;
            return given;
          }
        };
    int layers = inside.layers() + 1;
    var sums = new double[layers][6];
    var counts = new long[layers][6];
    var words = new long[1];
    inside.activations(
        readable,
        ActivationRequest.of(WordPath.taps(inside)),
        values -> {
          for (Unit unit : units.remove()) {
            words[0]++;
            for (Step step : WordPath.of(values, inside.layers(), unit).steps()) {
              double[] figures = {
                step.moved(),
                step.toBefore(),
                step.toFirst(),
                step.turned(),
                step.attention(),
                step.feedForward()
              };
              for (int i = 0; i < figures.length; i++) {
                if (!Double.isNaN(figures[i])) {
                  sums[step.layer()][i] += figures[i];
                  counts[step.layer()][i]++;
                }
              }
            }
          }
        },
        cancel);
    if (words[0] == 0) {
      throw new PolysemeException(
          word == null ? "the texts have no words" : "no text has the word \"" + word + "\"");
    }
    var all = new ArrayList<Layer>();
    for (int layer = 0; layer < layers; layer++) {
      var means = new double[6];
      for (int i = 0; i < means.length; i++) {
        means[i] = counts[layer][i] == 0 ? Double.NaN : sums[layer][i] / counts[layer][i];
      }
      all.add(new Layer(layer, means[0], means[1], means[2], means[3], means[4], means[5]));
    }
    return new MeanPath(words[0], leftOut[0], all);
  }
}
