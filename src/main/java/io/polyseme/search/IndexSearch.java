package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Role;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import org.jspecify.annotations.Nullable;

/**
 * An index together with the means to put words and texts to it: terms are resolved by the model
 * that the index records, at its layer, with its pooling. The model is opened when it is first
 * needed. Thread-safe; closes the index and the model.
 */
public final class IndexSearch implements TermResolver, AutoCloseable {
  private final VectorIndex index;
  private final ModelStore models;
  private final EncoderOptions options;
  private final Progress progress;
  private @Nullable Encoder encoder;
  private @Nullable TermResolver resolver;

  /**
   * @param index closed with this
   * @param progress told if the model has to be fetched or unpacked
   */
  public IndexSearch(
      VectorIndex index, ModelStore models, EncoderOptions options, Progress progress) {
    this.index = index;
    this.models = models;
    this.options = options;
    this.progress = progress;
  }

  public VectorIndex index() {
    return index;
  }

  /**
   * {@inheritDoc}
   *
   * <p>In an index of a word space words are looked up; otherwise they are encoded as the index's
   * own entries were, texts with the model's prefix for queries.
   *
   * @throws PolysemeException if the model is not there, or is not the one that made the index
   */
  @Override
  public float[] resolve(Term term) {
    return resolver().resolve(term);
  }

  private synchronized TermResolver resolver() {
    if (resolver == null) {
      Recipe recipe = index.recipe();
      if (Indexing.isOfWords(recipe)) {
        resolver = TermResolver.of(index);
      } else {
        EncodeRequest request = Indexing.request(recipe);
        encoder = openEncoder();
        resolver =
            request.sentence()
                ? encoder.textResolver(request.withRole(Role.QUERY))
                : encoder.wordResolver(request);
      }
    }
    return resolver;
  }

  private Encoder openEncoder() {
    Maker maker = index.info().maker();
    ModelFiles files = models.open(maker.model(), progress, Cancel.create());
    if (!files.fingerprint().equals(maker.fingerprint())) {
      throw new PolysemeException(
          "the index %s was made by another file of the model %s (SHA-256 %.12s..., and here is %.12s...): build it again"
              .formatted(
                  index.info().name(), maker.model(), maker.fingerprint(), files.fingerprint()));
    }
    return Encoder.open(files, options);
  }

  @Override
  public void close() {
    try {
      index.close();
    } finally {
      synchronized (this) {
        if (encoder != null) {
          encoder.close();
        }
      }
    }
  }
}
