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
import io.polyseme.vector.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
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
    prepare(List.of(context), cancel);
    if (needsNoVectors()) {
      return answer(context, null);
    }
    return answer(
        context,
        encoder.encode(
            new TextInput(context.text, spans(context)), request(vectors.space()), cancel));
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
    Queue<Context> underWay = new ArrayDeque<>();
    var inputs =
        new Iterator<TextInput>() {
          @Override
          public boolean hasNext() {
            return contexts.hasNext();
          }

          @Override
          public TextInput next() {
            Context context = contexts.next();
            underWay.add(context);
            return new TextInput(context.text, spans(context));
          }
        };
    encoder.encodeAll(
        inputs,
        request(vectors.space()),
        result -> {
          Context context = underWay.remove();
          switch (result) {
            case EncodeResult.Done(long index, Encoded encoded) -> {
              prepare(List.of(context), cancel);
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

  private static List<Span> spans(Context context) {
    return context.words.stream().map(AnalysedWord::span).toList();
  }

  /** What a space needs of each text. */
  static EncodeRequest request(UsageSpace space) {
    return EncodeRequest.ofWords().withWords(Words.GIVEN).withLayers(Layers.of(space.layers()));
  }

  private void prepare(List<Context> contexts, Cancel cancel) {
    if (!needsNoVectors()) {
      Map<String, Sense> senses = new LinkedHashMap<>();
      for (Context context : contexts) {
        for (AnalysedWord word : context.words) {
          candidates(word).forEach(sense -> senses.put(sense.id(), sense));
        }
      }
      vectors.prepare(senses.values(), cancel);
    }
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
        throw new PolysemeException(
            "\"%s\" is unknown to the inventory %s".formatted(word.lemma(), inventory.name()));
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
        word, candidates(word), usage, method == SenseMethod.LESK ? lesk().words(text) : Set.of());
  }

  /**
   * @param usage the word's vector where it stands; null for methods that need none
   */
  private Disambiguation rank(
      AnalysedWord word, List<Sense> senses, float @Nullable [] usage, Set<String> words) {
    int k = senses.size();
    var logits = new double[k];
    List<List<Evidence>> evidence = new ArrayList<>(k);
    for (int s = 0; s < k; s++) {
      evidence.add(new ArrayList<>(EVIDENCE));
    }
    if (method == SenseMethod.LESK) {
      for (int s = 0; s < k; s++) {
        logits[s] = overlap(senses.get(s), words, evidence.get(s));
      }
    } else if (usage != null && method != SenseMethod.FREQUENCY) {
      similarities(senses, usage, logits, evidence);
    }
    if (method == SenseMethod.FREQUENCY || method == SenseMethod.COMBINED) {
      double weight = method == SenseMethod.FREQUENCY ? 1 : vectors.weights().prior();
      double[] frequency = frequencies(senses);
      for (int s = 0; s < k && weight > 0; s++) {
        logits[s] += weight * Math.log(frequency[s]);
        evidence
            .get(s)
            .add(new Evidence(Evidence.Kind.FREQUENCY, told(senses.get(s)), frequency[s]));
      }
    }
    double[] probabilities = softmax(logits);
    var ranked = new ArrayList<RankedSense>(k);
    for (int s = 0; s < k; s++) {
      ranked.add(new RankedSense(senses.get(s), probabilities[s], evidence.get(s)));
    }
    // Stable: what is equally likely keeps the inventory's order.
    ranked.sort(Comparator.comparingDouble((RankedSense r) -> -r.probability()));
    return new Disambiguation(word, ranked);
  }

  private String told(Sense sense) {
    int corpus = vectors.of(sense).corpus();
    return corpus > 0
        ? corpus + " in labelled texts"
        : sense.count() > 0 ? sense.count() + " counted by " + inventory.name() : "not counted";
  }

  private double overlap(Sense sense, Set<String> words, List<Evidence> evidence) {
    List<String> shared = lesk().shared(sense, words);
    double score = lesk().score(sense, words);
    if (!shared.isEmpty()) {
      evidence.add(new Evidence(Evidence.Kind.WORDS, String.join(", ", shared), score));
    }
    return score;
  }

  private void similarities(
      List<Sense> senses, float[] usage, double[] logits, List<List<Evidence>> evidence) {
    int k = senses.size();
    var usages = new double[k];
    var glosses = new double[k];
    boolean learned = false;
    for (int s = 0; s < k; s++) {
      Sense sense = senses.get(s);
      SenseVectors.Known known = vectors.of(sense);
      learned |= known.corpus() > 0;
      usages[s] = known.usage() == null ? Double.NaN : dot(usage, known.usage());
      glosses[s] = known.gloss() == null ? Double.NaN : dot(usage, known.gloss());
      if (method != SenseMethod.GLOSSES && known.usage() != null) {
        evidence.get(s).add(ofUsages(sense, known, usages[s]));
      }
      boolean counts = method == SenseMethod.GLOSSES || vectors.weights().gloss() > 0;
      if (method != SenseMethod.USAGES && counts && known.gloss() != null) {
        evidence.get(s).add(new Evidence(Evidence.Kind.GLOSS, sense.gloss(), glosses[s]));
      }
    }
    // A sense that a corpus of the word's usages never shows is unlike them; where there are only a
    // few examples, one without any is neither like nor unlike.
    fill(usages, learned ? 0 : mean(usages));
    fill(glosses, mean(glosses));
    SenseWeights weights = vectors.weights();
    for (int s = 0; s < k; s++) {
      logits[s] =
          switch (method) {
            case USAGES -> usages[s];
            case GLOSSES -> glosses[s];
            default -> weights.usage() * usages[s] + weights.gloss() * glosses[s];
          };
    }
  }

  private static Evidence ofUsages(Sense sense, SenseVectors.Known known, double cosine) {
    return known.corpus() > 0
        ? new Evidence(Evidence.Kind.CORPUS, known.corpus() + " usages in labelled texts", cosine)
        : new Evidence(
            Evidence.Kind.EXAMPLE,
            sense.examples().isEmpty() ? "" : sense.examples().getFirst(),
            cosine);
  }

  private static double mean(double[] values) {
    double sum = 0;
    int count = 0;
    for (double value : values) {
      if (!Double.isNaN(value)) {
        sum += value;
        count++;
      }
    }
    return count == 0 ? 0 : sum / count;
  }

  private static void fill(double[] values, double value) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Double.isNaN(values[i]) ? value : values[i];
    }
  }

  private double[] frequencies(List<Sense> senses) {
    double smoothing = vectors.weights().smoothing();
    var counts = new double[senses.size()];
    double labelled = 0;
    for (int s = 0; s < counts.length; s++) {
      counts[s] = vectors.of(senses.get(s)).corpus();
      labelled += counts[s];
    }
    for (int s = 0; s < counts.length && labelled == 0; s++) {
      counts[s] = Math.max(0, senses.get(s).count());
    }
    double sum = 0;
    for (int s = 0; s < counts.length; s++) {
      counts[s] += smoothing;
      sum += counts[s];
    }
    for (int s = 0; s < counts.length; s++) {
      counts[s] /= sum;
    }
    return counts;
  }

  private static double[] softmax(double[] logits) {
    double most = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      most = Math.max(most, logit);
    }
    double sum = 0;
    var result = new double[logits.length];
    for (int s = 0; s < logits.length; s++) {
      result[s] = Math.exp(logits[s] - most);
      sum += result[s];
    }
    for (int s = 0; s < logits.length; s++) {
      result[s] /= sum;
    }
    return result;
  }

  private static double dot(float[] a, float[] b) {
    float sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }
}
