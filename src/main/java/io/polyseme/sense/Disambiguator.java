package io.polyseme.sense;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells which sense words have where they stand (word sense disambiguation): by what is known of
 * the senses' usages, their glosses and their frequency, weighed, or by one of these alone. Usages
 * are compared as hidden states of an encoder (Peters et al. 2018, "Deep Contextualized Word
 * Representations", section 5.3: nearest neighbour over sense means; Loureiro and Jorge 2019,
 * "Language Modelling Makes Sense"). Thread-safe; closes neither the inventory nor the encoder.
 */
public final class Disambiguator {
  private static final int REMEMBERED = 50_000;
  private static final int EVIDENCE = 3;

  private final SenseInventory inventory;
  private final Encoder encoder;
  private final SenseVectors vectors;
  private final SenseMethod method;
  private final Map<Form, List<Sense>> candidates = new ConcurrentHashMap<>();
  private @Nullable Lesk lesk;

  private record Form(List<String> lemmas, @Nullable PartOfSpeech pos) {}

  /** The outcome for one of many texts. One that fails does not keep the others from theirs. */
  public sealed interface Result {
    /** The place of the text among the inputs, from 0. */
    long index();

    /** The words' senses, in the order of the words that were given. */
    record Done(long index, List<Disambiguation> words) implements Result {
      public Done {
        words = List.copyOf(words);
      }
    }

    /** A text that could not be encoded. */
    record Failed(long index, PolysemeException error) implements Result {}
  }

  /**
   * A text and the words in it that are asked for.
   *
   * @param words in the order of the text; each has senses in the inventory
   */
  public record Context(String text, List<AnalysedWord> words) {
    public Context {
      words = List.copyOf(words);
    }
  }

  private Disambiguator(
      SenseInventory inventory, Encoder encoder, SenseVectors vectors, SenseMethod method) {
    this.inventory = inventory;
    this.encoder = encoder;
    this.vectors = vectors;
    this.method = method;
  }

  /**
   * By what the inventory itself says of its senses: their glosses and examples are encoded when
   * they are first needed. Nothing has to be built before.
   *
   * @param cancel stops the encoding of the words that vectors are standardised by
   */
  public static Disambiguator of(SenseInventory inventory, Encoder encoder, Cancel cancel) {
    return new Disambiguator(
        inventory, encoder, LazyVectors.of(inventory, encoder, cancel), SenseMethod.COMBINED);
  }

  /**
   * By an index of senses.
   *
   * @throws PolysemeException if the index was made for another inventory or by another model
   */
  public static Disambiguator of(SenseInventory inventory, Encoder encoder, SenseIndex index) {
    return new Disambiguator(
        inventory, encoder, index.vectors(inventory, encoder), SenseMethod.COMBINED);
  }

  static Disambiguator of(SenseInventory inventory, Encoder encoder, SenseVectors vectors) {
    return new Disambiguator(inventory, encoder, vectors, SenseMethod.COMBINED);
  }

  /** The same, by another method. */
  public Disambiguator withMethod(SenseMethod other) {
    return new Disambiguator(inventory, encoder, vectors, other);
  }

  /**
   * Ranks the senses of words in one text.
   *
   * @throws PolysemeException if a word has no senses, or the text cannot be encoded
   * @throws io.polyseme.CancelledException if cancelled
   */
  public List<Disambiguation> rank(Context context, Cancel cancel) {
    if (needsNoVectors()) {
      return answer(context, null);
    }
    prepare(context, cancel);
    return answer(context, encoder.encode(input(context), request(vectors.space()), cancel));
  }

  /**
   * Ranks the senses of the words of any number of texts, in constant memory. The sink is called on
   * this thread, in the order of the texts.
   *
   * @throws io.polyseme.CancelledException if cancelled
   */
  public void rankAll(Iterator<Context> contexts, Consumer<Result> sink, Cancel cancel) {
    if (needsNoVectors()) {
      for (long index = 0; contexts.hasNext(); index++) {
        cancel.check();
        sink.accept(new Result.Done(index, answer(contexts.next(), null)));
      }
      return;
    }
    InOrder.encode(
        contexts,
        Disambiguator::input,
        encoder,
        request(vectors.space()),
        (context, result) -> {
          switch (result) {
            case EncodeResult.Done(long index, Encoded encoded) -> {
              prepare(context, cancel);
              sink.accept(new Result.Done(index, answer(context, encoded)));
            }
            case EncodeResult.Failed(long index, _, PolysemeException error) ->
                sink.accept(new Result.Failed(index, error));
          }
        },
        cancel);
  }

  private boolean needsNoVectors() {
    return method == SenseMethod.FREQUENCY || method == SenseMethod.LESK;
  }

  private static TextInput input(Context context) {
    return new TextInput(context.text, context.words.stream().map(AnalysedWord::span).toList());
  }

  /** What a space needs of each text. */
  static EncodeRequest request(UsageSpace space) {
    return EncodeRequest.ofWords().withWords(Words.GIVEN).withLayers(Layers.of(space.layers()));
  }

  private void prepare(Context context, Cancel cancel) {
    Map<String, Sense> senses = new LinkedHashMap<>();
    for (AnalysedWord word : context.words) {
      candidates(word).forEach(sense -> senses.put(sense.id(), sense));
    }
    vectors.prepare(senses.values(), cancel);
  }

  private List<Sense> candidates(AnalysedWord word) {
    var form = new Form(word.lemmas(), word.pos());
    List<Sense> known = candidates.get(form);
    if (known == null) {
      known =
          word.lemmas().stream()
              .flatMap(lemma -> inventory.senses(lemma, word.pos()).stream())
              .toList();
      if (known.isEmpty()) {
        throw inventory.unknown(word.lemma(), word.pos());
      }
      if (candidates.size() >= REMEMBERED) {
        candidates.clear();
      }
      candidates.put(form, known);
    }
    return known;
  }

  private List<Disambiguation> answer(Context context, @Nullable Encoded encoded) {
    Set<String> words = method == SenseMethod.LESK ? lesk().words(context.text) : Set.of();
    var ranked = new ArrayList<Disambiguation>(context.words.size());
    for (int w = 0; w < context.words.size(); w++) {
      AnalysedWord word = context.words.get(w);
      float[] usage =
          encoded == null ? null : vectors.space().place(encoded.words().get(w).vectors());
      ranked.add(rank(word, candidates(word), usage, words));
    }
    return ranked;
  }

  private synchronized Lesk lesk() {
    if (lesk == null) {
      lesk = new Lesk(inventory);
    }
    return lesk;
  }

  /** Ranks a word that was encoded before. */
  Disambiguation rank(AnalysedWord word, float[] usage, String text) {
    return rank(
        word,
        candidates(word),
        needsNoVectors() ? null : usage,
        method == SenseMethod.LESK ? lesk().words(text) : Set.of());
  }

  private static List<List<Evidence>> none(int count) {
    List<List<Evidence>> evidence = new ArrayList<>(count);
    for (int s = 0; s < count; s++) {
      evidence.add(new ArrayList<>(EVIDENCE));
    }
    return evidence;
  }

  private Disambiguation rank(
      AnalysedWord word, List<Sense> senses, float @Nullable [] usage, Set<String> words) {
    int k = senses.size();
    List<List<Evidence>> evidence = none(k);
    double[] logits = scores(senses, usage, words, evidence);
    double[] probabilities = SenseWeights.probabilities(logits);
    if (method == SenseMethod.COMBINED) {
      vectors.weights().confidence().apply(probabilities);
    }
    var ranked = new ArrayList<RankedSense>(k);
    for (int s = 0; s < k; s++) {
      ranked.add(new RankedSense(senses.get(s), probabilities[s], evidence.get(s)));
    }
    // Stable: what is equally likely keeps the inventory's order.
    ranked.sort(Comparator.comparingDouble((RankedSense r) -> -r.probability()));
    return new Disambiguation(word, ranked);
  }

  /**
   * @param usage the word's vector where it stands; null for methods that need none
   * @param evidence what spoke for each sense is added to its list
   */
  private double[] scores(
      List<Sense> senses,
      float @Nullable [] usage,
      Set<String> words,
      List<List<Evidence>> evidence) {
    int k = senses.size();
    if (method == SenseMethod.LESK) {
      var scores = new double[k];
      for (int s = 0; s < k; s++) {
        scores[s] = overlap(senses.get(s), words, evidence.get(s));
      }
      return scores;
    }
    SenseWeights weights = vectors.weights();
    SenseWeights used =
        switch (method) {
          case FREQUENCY -> weights.withUsage(0).withGloss(0).withPrior(1).withTemperature(1);
          case CONTEXT -> weights.withPrior(0);
          case USAGES -> weights.withGloss(0).withPrior(0);
          case GLOSSES -> weights.withUsage(0).withGloss(weights.usage()).withPrior(0);
          default -> weights;
        };
    SenseWeights.Features all = SenseWeights.Features.of(vectors, senses, usage);
    SenseWeights.Features features = method == SenseMethod.USAGES ? all.ofUsages() : all;
    double[] frequencies = used.frequencies(features);
    for (int s = 0; s < k; s++) {
      tell(senses.get(s), s, features, frequencies[s], used, evidence.get(s));
    }
    return used.scores(features);
  }

  private void tell(
      Sense sense,
      int at,
      SenseWeights.Features features,
      double frequency,
      SenseWeights weights,
      List<Evidence> evidence) {
    if (weights.usage() > 0 && !Double.isNaN(features.usages()[at])) {
      evidence.add(ofUsages(sense, vectors.of(sense), features.usages()[at]));
    }
    if (weights.gloss() + weights.shrinkage() > 0 && !Double.isNaN(features.glosses()[at])) {
      evidence.add(new Evidence(Evidence.Kind.GLOSS, sense.gloss(), features.glosses()[at]));
    }
    if (weights.prior() > 0 && Arrays.stream(features.counts()).anyMatch(count -> count > 0)) {
      evidence.add(new Evidence(Evidence.Kind.FREQUENCY, told(sense), frequency));
    }
  }

  private String told(Sense sense) {
    int corpus = vectors.counted(sense).corpus();
    return corpus > 0
        ? corpus + " in labelled texts"
        : sense.count() > 0 ? sense.count() + " counted by " + inventory.name() : "not counted";
  }

  private double overlap(Sense sense, Set<String> words, List<Evidence> evidence) {
    List<String> shared = lesk().shared(sense, words);
    double score = lesk().score(shared);
    if (!shared.isEmpty()) {
      evidence.add(new Evidence(Evidence.Kind.WORDS, String.join(", ", shared), score));
    }
    return score;
  }

  private static Evidence ofUsages(Sense sense, SenseVectors.Known known, double cosine) {
    return known.corpus() > 0
        ? new Evidence(Evidence.Kind.CORPUS, known.corpus() + " usages in labelled texts", cosine)
        : new Evidence(
            Evidence.Kind.EXAMPLE,
            sense.examples().isEmpty() ? "" : sense.examples().getFirst(),
            cosine);
  }
}
