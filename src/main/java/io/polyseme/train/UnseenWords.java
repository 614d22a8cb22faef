package io.polyseme.train;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.PiecePooling;
import io.polyseme.encoder.Role;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Resolution;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.vector.Vectors;
import io.polyseme.words.WordVectors;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Vectors for words that a distilled space does not have, made by the encoder that it was distilled
 * from and in the same way. The encoder is opened when the first such word comes. Thread-safe;
 * closes the encoder, not the space.
 */
public final class UnseenWords implements TermResolver, AutoCloseable {
  private final WordVectors space;
  private final TermResolver first;
  private final ModelStore models;
  private final EncoderOptions options;
  private final Progress progress;
  private @Nullable Encoder encoder;

  /** What a distilled vector is more than the encoder's; added to the encoder's. */
  private float @Nullable [] shift;

  private boolean closed;

  /**
   * @param space distilled with all dimensions and without rank weights
   * @param first asked first; where it does not know a word, the encoder is
   * @param models where the encoder is found
   */
  public UnseenWords(
      WordVectors space,
      TermResolver first,
      ModelStore models,
      EncoderOptions options,
      Progress progress) {
    this.space = space;
    this.first = first;
    this.models = models;
    this.options = options;
    this.progress = progress;
  }

  @Override
  public float[] resolve(Term term) {
    return resolution(term).vector();
  }

  /**
   * {@inheritDoc}
   *
   * @throws PolysemeException if the space was not distilled so that words can be added
   */
  @Override
  public Resolution resolution(Term term) {
    try {
      return first.resolution(term);
    } catch (UnknownTermException e) {
      if (!(term instanceof Term.Word(String word))) {
        throw e;
      }
      float[] made = make(word);
      if (made == null) {
        throw e;
      }
      return new Resolution(
          made,
          "",
          "\"%s\" is not in %s: its vector is made by %s"
              .formatted(word, space.info().name(), space.info().maker().model()));
    }
  }

  /** The vector of a word as the space would have it; null where the encoder knows none of it. */
  private synchronized float @Nullable [] make(String word) {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (encoder == null) {
      open();
    }
    float[] vector = encode(word);
    if (vector != null) {
      Vectors.addScaled(vector, shift, 1);
    }
    return vector;
  }

  private void open() {
    Map<String, String> properties = space.info().properties();
    Maker maker = space.info().maker();
    if (maker.model().isEmpty()
        || space.size() == 0
        || !"0".equals(properties.get("components"))
        || !"false".equals(properties.get("rank weight"))) {
      throw new PolysemeException(
          "%s was not distilled from an encoder with all its dimensions, so that no words can be added by one"
              .formatted(space.info().name()));
    }
    encoder = Encoder.open(models.open(maker.model(), progress, Cancel.create()), options);
    Maker now = encoder.maker(request(), Encoder.Target.WORD);
    if (!now.equals(maker)) {
      throw new PolysemeException(
          "%s was made by another %s than there is now: distil it again"
              .formatted(space.info().name(), maker.model()));
    }
    // The mean that was taken away shows itself in any word of the space.
    String known = space.label(0);
    shift = space.vector(known).orElseThrow();
    Vectors.addScaled(shift, encode(known), -1);
  }

  private EncodeRequest request() {
    Maker maker = space.info().maker();
    String pooling = maker.pooling().replaceFirst("^pieces:", "").toUpperCase(Locale.ROOT);
    return EncodeRequest.ofWords()
        .withWords(Words.GIVEN)
        .withRole(Role.NONE)
        .withLayers(Layers.parse(maker.layer()))
        .withPiecePooling(PiecePooling.valueOf(pooling));
  }

  private float @Nullable [] encode(String word) {
    String template = space.info().properties().getOrDefault("template", DistilOptions.SLOT);
    int slot = template.indexOf(DistilOptions.SLOT);
    Encoded encoded =
        encoder.encode(
            TextInput.of(
                template.replace(DistilOptions.SLOT, word), new Span(slot, slot + word.length())),
            request());
    int pieces = Math.max(1, encoded.words().getFirst().pieces().size());
    return encoded.unknownTokens() < pieces ? encoded.words().getFirst().vector().clone() : null;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (encoder != null) {
      encoder.close();
    }
  }
}
