package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.TextLanguage;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Role;
import io.polyseme.encoder.TextInput;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.AnalysedSentence;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.Analyser;
import io.polyseme.vector.Maker;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An index together with the means to put words and texts to it: terms are resolved by the model
 * that the index records, at its layer, with its pooling. The model is opened when it is first
 * needed. Thread-safe; closes the index and the model.
 */
public final class IndexSearch implements TermResolver, AutoCloseable {
  private final VectorIndex index;

  /** What does not change when the index is refreshed; read here, so that no lock waits for it. */
  private final SpaceInfo info;

  private final Recipe recipe;
  private final ModelStore models;
  private final EncoderOptions options;
  private final Progress progress;
  private @Nullable Encoder encoder;
  private @Nullable TermResolver resolver;
  private @Nullable Language english;
  private @Nullable Language plain;

  /**
   * @param index closed with this
   * @param progress told if the model has to be fetched or unpacked
   */
  public IndexSearch(
      VectorIndex index, ModelStore models, EncoderOptions options, Progress progress) {
    this.index = index;
    this.info = index.info();
    this.recipe = index.recipe();
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
   * own entries were, texts with the model's prefix for queries, words in their contexts with the
   * base form in their place where the index was made so.
   *
   * @throws PolysemeException if the model is not there, or is not the one that made the index
   */
  @Override
  public float[] resolve(Term term) {
    return resolver().resolve(term);
  }

  /**
   * Searches the texts of the index.
   *
   * @throws PolysemeException if the index lacks what is asked (a field, an entry, words), or the
   *     model is not there or is not the one that made the index
   * @throws IllegalArgumentException if parts of the request contradict each other
   */
  public SearchAnswer search(SearchRequest request, Cancel cancel) {
    // Models are opened before the index is held unchanged: that may take long, and nobody could go
    // on to a newer commit meanwhile.
    boolean byWords = request.mode() == SearchMode.WORDS && !request.highlight();
    if (!byWords && !Indexing.isOfWords(recipe)) {
      resolver();
    }
    return index.unchanged(() -> new PassageSearch(this, request, cancel).run());
  }

  /** The words of texts, compared with those of a question. */
  WordMatches wordMatches(String question, List<String> texts, Cancel cancel) {
    return WordMatches.of(encoder(), question, texts, cancel);
  }

  /** The uses of a word in texts, compared with its use in a question. */
  SenseMatches senses(String word, String question, List<String> texts, Cancel cancel) {
    return SenseMatches.of(encoder(), analyserFor(question), word, question, texts, cancel);
  }

  private Analyser analyserFor(String text) {
    return language(!TextLanguage.isEastAsian(text)).analyser();
  }

  private synchronized Language language(boolean english) {
    Language known = english ? this.english : plain;
    if (known == null) {
      known = english ? Language.english() : Language.plain(encoder()::words);
      if (english) {
        this.english = known;
      } else {
        plain = known;
      }
    }
    return known;
  }

  private synchronized TermResolver resolver() {
    if (resolver == null) {
      if (Indexing.isOfWords(recipe)) {
        resolver = TermResolver.of(index);
      } else {
        EncodeRequest request = Indexing.request(recipe);
        Encoder opened = encoder();
        if (request.sentence()) {
          // Not as BGE's query, with its long prefix: of 500 Chinese questions, and of Cranfield's,
          // fewer are answered with it (MRR 0.926 and 0.937). E5 has its own either way.
          resolver = opened.textResolver(request.withRole(Role.SYMMETRIC));
        } else {
          TermResolver words = opened.wordResolver(request);
          resolver = recipe.lemmatise() ? term -> words.resolve(lemmatised(term)) : words;
        }
      }
    }
    return resolver;
  }

  private Term lemmatised(Term term) {
    if (!(term instanceof Term.Usage(String text, Span span))) {
      return term;
    }
    for (AnalysedSentence sentence : analyser().sentences(text)) {
      for (AnalysedWord word : sentence.words()) {
        if (word.span().equals(span)) {
          Lemmatised changed = Lemmatised.of(text, span, UsageCutter.normal(word.lemma()));
          return new Term.Usage(changed.text(), changed.span());
        }
      }
    }
    return term;
  }

  /**
   * Finds the words of a text as they were found in the texts of this index, if it is one of usages
   * with lemmas: English ones are tagged, in any other language a word is its own lemma.
   *
   * @throws PolysemeException if the means to do so are not on the class path, or the model is not
   *     there
   */
  public Analyser analyser() {
    boolean tagged = !index.values(Source.POS).isEmpty();
    return language(tagged).analyser();
  }

  /**
   * The words of a text, as the index's model finds them.
   *
   * @throws PolysemeException if the model is not there, or is not the one that made the index
   */
  public List<Span> words(String text) {
    return encoder().words(text);
  }

  /**
   * The vectors of texts, as those of the index's own entries were made.
   *
   * @return float[dimension] each, in the order of the texts
   * @throws PolysemeException if the index is not of texts, the model is not there or is not the
   *     one that made the index, or a text cannot be encoded
   */
  public List<float[]> vectors(List<String> texts, Cancel cancel) {
    EncodeRequest request = Indexing.isOfWords(recipe) ? null : Indexing.request(recipe);
    if (request == null || !request.sentence()) {
      throw new PolysemeException(
          "the index %s is not of texts, and cannot be compared with any".formatted(info.name()));
    }
    var vectors = new ArrayList<float[]>(texts.size());
    encoder()
        .encodeAll(
            texts.stream().map(TextInput::of).iterator(),
            request,
            result -> {
              switch (result) {
                case EncodeResult.Done done -> vectors.add(done.encoded().vector());
                case EncodeResult.Failed failed -> throw failed.error();
              }
            },
            cancel);
    return vectors;
  }

  private synchronized Encoder encoder() {
    if (encoder == null) {
      encoder = openEncoder();
    }
    return encoder;
  }

  private Encoder openEncoder() {
    Maker maker = info.maker();
    ModelFiles files = models.open(maker.model(), progress, Cancel.create());
    if (!files.fingerprint().equals(maker.fingerprint())) {
      throw new PolysemeException(
          "the index %s was made by another file of the model %s (SHA-256 %.12s..., and here is %.12s...): build it again"
              .formatted(info.name(), maker.model(), maker.fingerprint(), files.fingerprint()));
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
        if (english != null) {
          english.close();
        }
        if (plain != null) {
          plain.close();
        }
      }
    }
  }
}
