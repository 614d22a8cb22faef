package io.polyseme.usage;

import io.polyseme.NearNames;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Occurrences;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.search.IndexSearch;
import io.polyseme.sense.AnalysedSentence;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.Sense;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Background;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Query;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.UnknownTermException;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An index of usages, asked by meaning. What is asked is encoded as the index's own usages were, by
 * the model that the index records; two usages are compared by the cosine of their vectors, each
 * dimension standardised over a sample of the index. Thread-safe; closed by whoever opened it.
 */
public final class Usages implements AutoCloseable {
  static final String LEMMA = "lemma";

  /** How many vectors the means and deviations of the dimensions are taken from. */
  private static final int BACKGROUND = 4000;

  private static final long BACKGROUND_SEED = 42;

  /**
   * So many candidates are found by their vectors as they are, and at least {@value #LEAST}, for
   * each that is wanted; those are then ranked by the standardised ones.
   */
  private static final int CANDIDATES = 10;

  private static final int LEAST = 1000;
  private static final int NEAR = 5;

  private final VectorIndex index;
  private final IndexSearch search;
  private final Map<String, Integer> lemmas;
  private @Nullable Background background;

  private Usages(VectorIndex index, IndexSearch search, Map<String, Integer> lemmas) {
    this.index = index;
    this.search = search;
    this.lemmas = lemmas;
  }

  /**
   * Opens an index for questions about usages; the model is opened when it is first needed.
   *
   * @param index closed with this, and also where it is refused
   * @param progress told if the model has to be fetched or unpacked
   * @throws PolysemeException if it is no index of usages, or one without lemmas
   */
  public static Usages open(
      VectorIndex index, ModelStore models, EncoderOptions options, Progress progress) {
    try {
      Map<String, Integer> lemmas = index.values(LEMMA);
      if (lemmas.isEmpty()) {
        boolean usages = index.recipe().source().startsWith("usages");
        throw new PolysemeException(
            usages
                ? "the index %s has usages without lemmas, or none at all: build it again"
                    .formatted(index.info().name())
                : "the index %s is made of %s and not of usages: build one of those with  polyseme index build NAME --from FILE --source usages"
                    .formatted(index.info().name(), index.recipe().source()));
      }
      if (index.info().similarity() != Similarity.COSINE) {
        throw new PolysemeException(
            "the index %s is built for %s, and usages are compared by the cosine: build it again"
                .formatted(index.info().name(), index.info().similarity()));
      }
      return new Usages(index, new IndexSearch(index, models, options, progress), lemmas);
    } catch (RuntimeException e) {
      index.close();
      throw e;
    }
  }

  /** The index itself. */
  public VectorIndex index() {
    return index;
  }

  /** How many usages each lemma has, by lemma. */
  public Map<String, Integer> lemmas() {
    return Map.copyOf(lemmas);
  }

  /**
   * The lemma of the index that a word is or is a form of.
   *
   * @throws UnknownTermException if there is none, with those that are near
   */
  public String lemma(String word) {
    String asked = word.strip().replace('_', ' ').toLowerCase(Locale.ROOT);
    if (asked.isEmpty()) {
      throw new IllegalArgumentException("the word is empty");
    }
    if (lemmas.containsKey(asked)) {
      return asked;
    }
    for (String candidate : search.analyser().lemmasOf(asked)) {
      if (lemmas.containsKey(candidate)) {
        return candidate;
      }
    }
    throw new UnknownTermException(
        word, index.info().name(), NearNames.among(lemmas.keySet(), asked, NEAR));
  }

  /**
   * Usages in the order of the corpus.
   *
   * @param filter which; {@code Filter.equal("lemma", lemma)} for those of a lemma
   * @param most at most so many, from 1
   */
  public List<Usage> of(Filter filter, int most) {
    return index.entries(filter, most).stream()
        .map(entry -> Usage.of(entry.label(), entry.fields()))
        .toList();
  }

  /**
   * What a word means in a text.
   *
   * @param word as it is written there, or its lemma
   * @throws PolysemeException if it is not there
   */
  public Meaning meaning(String word, String text) {
    List<Place> places = places(word, text);
    Place place = places.getFirst();
    List<String> notes =
        places.size() == 1
            ? List.of()
            : List.of(
                "\"%s\" is %d times in the text: the first is meant"
                    .formatted(word, places.size()));
    return new Meaning(
        Vectors.unit(search.resolve(new Term.Usage(text, place.span))),
        place.lemma,
        List.of(text),
        notes);
  }

  private record Place(Span span, String lemma) {}

  /** Where a word stands in a text, inflected or not; at least one place. */
  private List<Place> places(String word, String text) {
    String asked = word.strip().replace('_', ' ');
    Map<Span, String> analysed = new HashMap<>();
    var inflected = new ArrayList<Place>();
    for (AnalysedSentence sentence : search.analyser().sentences(text)) {
      for (AnalysedWord found : sentence.words()) {
        String lemma = found.lemma().toLowerCase(Locale.ROOT);
        analysed.put(found.span(), lemma);
        if (found.lemmas().stream().anyMatch(asked::equalsIgnoreCase)
            || found.span().of(text).equalsIgnoreCase(asked)) {
          inflected.add(new Place(found.span(), lemma));
        }
      }
    }
    if (!inflected.isEmpty()) {
      return inflected;
    }
    return Occurrences.of(asked, text).stream()
        .map(span -> new Place(span, analysed.getOrDefault(span, asked.toLowerCase(Locale.ROOT))))
        .toList();
  }

  /**
   * What a sense means: the mean of the word in each of the sense's examples, and of the word in
   * {@code lemma: gloss}.
   */
  public Meaning meaning(Sense sense) {
    var vectors = new ArrayList<float[]>();
    var texts = new ArrayList<String>();
    for (String example : sense.examples()) {
      found(sense.lemma(), example)
          .ifPresent(
              span -> {
                vectors.add(search.resolve(new Term.Usage(example, span)));
                texts.add(example);
              });
    }
    if (!sense.gloss().isEmpty()) {
      String text = sense.lemma() + ": " + sense.gloss();
      vectors.add(search.resolve(new Term.Usage(text, new Span(0, sense.lemma().length()))));
      texts.add(text);
    }
    if (vectors.isEmpty()) {
      throw new PolysemeException(
          "nothing is known of the sense %s: it has no gloss, and no example with \"%s\" in it"
              .formatted(sense.id(), sense.lemma()));
    }
    return new Meaning(
        Means.ofUnits(vectors), sense.lemma().toLowerCase(Locale.ROOT), texts, List.of());
  }

  private Optional<Span> found(String lemma, String text) {
    try {
      return Optional.of(places(lemma, text).getFirst().span);
    } catch (PolysemeException e) {
      return Optional.empty(); // examples are of any of a synset's synonyms
    }
  }

  /**
   * The usages of a lemma that are nearest to a meaning.
   *
   * @param k at most so many, from 1
   */
  public List<RankedUsage> nearest(Meaning meaning, String lemma, int k) {
    return nearest(meaning, Filter.equal(LEMMA, lemma), k);
  }

  /**
   * The usages of any words that are nearest to a meaning. Of two that overlap, as a phrase and a
   * word of it do, only the nearer is there.
   *
   * @param filter which usages may be answers; {@link Filter#ALL} for any
   * @param k at most so many, from 1
   */
  public List<RankedUsage> nearest(Meaning meaning, Filter filter, int k) {
    int candidates = (int) Math.min(1_000_000, Math.max(LEAST, CANDIDATES * (long) k));
    Answer found = index.search(Query.near(meaning.vector(), candidates).withFilter(filter));
    float[] target = background().apply(meaning.vector());
    record Scored(Hit hit, double score) {}
    var scored = new ArrayList<Scored>();
    for (Hit hit : found.hits()) {
      float[] vector = index.vector(hit.label()).orElseThrow();
      scored.add(new Scored(hit, Vectors.dot(target, background().apply(vector))));
    }
    scored.sort(
        Comparator.comparingDouble((Scored it) -> -it.score).thenComparing(it -> it.hit.label()));
    var ranked = new ArrayList<RankedUsage>();
    Map<String, List<Usage>> taken = new HashMap<>();
    for (Scored it : scored) {
      if (ranked.size() == k) {
        break;
      }
      Usage usage = Usage.of(it.hit.label(), it.hit.fields());
      List<Usage> beside =
          taken.computeIfAbsent(usage.document() + ":" + usage.line(), _ -> new ArrayList<>());
      if (beside.stream().noneMatch(other -> overlap(usage, other))) {
        beside.add(usage);
        ranked.add(new RankedUsage(ranked.size() + 1, Math.clamp(it.score, -1, 1), usage));
      }
    }
    return ranked;
  }

  private static boolean overlap(Usage a, Usage b) {
    return a.text().equals(b.text())
        && a.span().start() < b.span().end()
        && b.span().start() < a.span().end();
  }

  synchronized Background background() {
    if (background == null) {
      background = Background.of(index.sample(BACKGROUND, BACKGROUND_SEED));
    }
    return background;
  }

  IndexSearch search() {
    return search;
  }

  /** Closes the index and the model. */
  @Override
  public void close() {
    search.close();
  }
}
