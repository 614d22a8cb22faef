package io.polyseme.train;

import io.polyseme.encoder.Layers;
import io.polyseme.encoder.PiecePooling;
import java.util.Objects;

/**
 * How static word vectors are distilled. Immutable.
 *
 * @param layers the hidden state, or several joined by sum or mean
 * @param piecePooling how a word's pieces become one vector
 * @param template the text that a word is put into at the place of <code>{}</code>, alone by
 *     default; the vector is that of the word in it
 * @param removeMean whether the mean of all vectors is taken from each, which takes away what all
 *     words share and makes cosines tell more (Mu and Viswanath 2018, "All-but-the-Top", section 2)
 * @param components how many principal components are kept; 0 keeps the encoder's dimensions
 * @param rankWeight whether each vector is multiplied by the logarithm of its rank in the
 *     vocabulary (Zipf weighting, as Model2Vec does), which makes sums of words tell more; a cosine
 *     between two words is not changed by it
 */
public record DistilOptions(
    Layers layers,
    PiecePooling piecePooling,
    String template,
    boolean removeMean,
    int components,
    boolean rankWeight) {

  /** Where a template has the word. */
  public static final String SLOT = "{}";

  public DistilOptions {
    Objects.requireNonNull(layers, "layers");
    Objects.requireNonNull(piecePooling, "piecePooling");
    int slot = template.indexOf(SLOT);
    if (slot < 0 || template.indexOf(SLOT, slot + 1) >= 0) {
      throw new IllegalArgumentException(
          "a template has one %s, for the word: \"%s\"".formatted(SLOT, template));
    }
    if (components < 0) {
      throw new IllegalArgumentException("components must not be negative: " + components);
    }
  }

  /** Each word alone, pieces pooled by mean, the mean removed, all dimensions kept. */
  public static DistilOptions of(Layers layers) {
    return new DistilOptions(layers, PiecePooling.MEAN, SLOT, true, 0, false);
  }

  public DistilOptions withPiecePooling(PiecePooling piecePooling) {
    return new DistilOptions(layers, piecePooling, template, removeMean, components, rankWeight);
  }

  public DistilOptions withTemplate(String template) {
    return new DistilOptions(layers, piecePooling, template, removeMean, components, rankWeight);
  }

  public DistilOptions withRemoveMean(boolean removeMean) {
    return new DistilOptions(layers, piecePooling, template, removeMean, components, rankWeight);
  }

  public DistilOptions withComponents(int components) {
    return new DistilOptions(layers, piecePooling, template, removeMean, components, rankWeight);
  }

  public DistilOptions withRankWeight(boolean rankWeight) {
    return new DistilOptions(layers, piecePooling, template, removeMean, components, rankWeight);
  }
}
