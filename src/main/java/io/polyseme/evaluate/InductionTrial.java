package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.Intervals;
import io.polyseme.Intervals.Interval;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.cluster.ClusterMeasures;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import io.polyseme.sense.StandardSpace;
import io.polyseme.sense.UsageMix;
import io.polyseme.usage.Clusters;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Senses induced: the usages of each word clustered as {@code polyseme induce} does it, with the
 * number of senses to be found, and held against the senses that the set gives them. The vectors
 * are hidden states of several layers, of the word and of its text, standardised by all usages that
 * are there, without labels; the word's name stands in the place of its form, since clusters would
 * else be of forms (Laicher, Kurtyigit, Schlechtweg, Kuhn and Schulte im Walde 2021, "Explaining
 * and Improving BERT Performance on Lexical Semantic Change Detection"). Not thread-safe.
 */
public final class InductionTrial {
  /** Samples with as many usages of each sense. */
  public static final String BALANCED = "balanced";

  /** Samples with usages of each sense as often as the word has it. */
  public static final String NATURAL = "natural";

  /** Agreement on pairs beyond chance. */
  public static final String ADJUSTED_RAND = "adjusted rand";

  public static final String V_MEASURE = "v-measure";
  public static final String PAIRED_F = "paired f";
  public static final String B_CUBED_F = "b-cubed f";

  /** How many clusters were found, the mean. */
  public static final String CLUSTERS = "clusters";

  /** Of the senses of all words, each clustered alone, the share that was found to be one. */
  public static final String LEFT_WHOLE = "senses left whole";

  /** Fewer usages are too few to be more than one cluster. */
  private static final int FEWEST_ALONE = 20;

  private static final int RESAMPLES = 1000;

  private static final Map<String, ToDoubleFunction<Found>> MEASURES = measures();

  private final ContextVectors vectors;
  private final InductionSamples samples;
  private final Progress progress;
  private final Cancel cancel;

  /**
   * @param vectors of words and of sentences, as {@link io.polyseme.sense.UsageStates#request()}
   *     asks for them
   */
  public InductionTrial(
      ContextVectors vectors, InductionSamples samples, Progress progress, Cancel cancel) {
    this.vectors = vectors;
    this.samples = samples;
    this.progress = progress;
    this.cancel = cancel;
  }

  private static Map<String, ToDoubleFunction<Found>> measures() {
    Map<String, ToDoubleFunction<Found>> measures = new LinkedHashMap<>();
    measures.put(ADJUSTED_RAND, found -> found.measures.adjustedRand());
    measures.put(V_MEASURE, found -> found.measures.vMeasure());
    measures.put(PAIRED_F, found -> found.measures.pairedF());
    measures.put(B_CUBED_F, found -> found.measures.bCubedF());
    measures.put(CLUSTERS, Found::clusters);
    return measures;
  }

  /** What one sample came to. */
  private record Found(ClusterMeasures measures, double clusters) {}

  /**
   * A word's usages that could be encoded.
   *
   * @param balanced those that balanced samples are drawn from
   * @param natural the natural sample
   */
  private record Pool(PlacedWord balanced, PlacedWord natural) {}

  /**
   * Clusters and counts.
   *
   * @param set whose words' training parts are clustered
   * @return for {@link #BALANCED} and {@link #NATURAL} samples the means over words, with bootstrap
   *     intervals over words; the same of all usages in one cluster and of each in its own, called
   *     {@code balanced, all one}, {@code balanced, all single} and so on; {@link #LEFT_WHOLE}; and
   *     for each word the means over its balanced samples, and its natural one
   * @throws PolysemeException if nothing could be encoded
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Evaluation score(CoarseSenses set) {
    List<Set<Integer>> natural = set.words().stream().map(this::natural).toList();
    List<Set<Integer>> balanced = set.words().stream().map(this::pool).toList();
    var inputs = new ArrayList<TextInput>();
    var numbers = new ArrayList<Map<Integer, Integer>>(); // of the texts, by their places
    for (int w = 0; w < natural.size(); w++) {
      Word word = set.words().get(w);
      Set<Integer> both = new LinkedHashSet<>(balanced.get(w));
      both.addAll(natural.get(w));
      Map<Integer, Integer> number = new LinkedHashMap<>();
      for (int i : both) {
        number.put(i, inputs.size());
        inputs.add(lemmatised(word, word.train().get(i)).input());
      }
      numbers.add(number);
    }
    EncodedUsages encoded = EncodedUsages.of(vectors, inputs, "usages", progress, cancel);
    StandardSpace space = encoded.space(IntStream.range(0, inputs.size()).toArray());
    int layers = encoded.layers();
    UsageMix given = samples.mix();
    UsageMix mix = given == null ? Thirds.last(layers).plusSentence(layers, layers, 1) : given;
    var pools = new ArrayList<Pool>();
    var warnings = new ArrayList<>(encoded.warnings());
    for (int w = 0; w < natural.size(); w++) {
      Word word = set.words().get(w);
      Map<Integer, Integer> number = numbers.get(w);
      Pool pool =
          new Pool(
              placed(word, balanced.get(w), number, encoded, space, mix),
              placed(word, natural.get(w), number, encoded, space, mix));
      if (pool.balanced.size() == 0 || pool.natural.size() == 0) {
        warnings.add(
            "%s is left out: no usage in one of its samples could be encoded"
                .formatted(word.name()));
      } else {
        pools.add(pool);
      }
    }
    if (pools.isEmpty()) {
      throw new PolysemeException("no word has usages to cluster; " + String.join("; ", warnings));
    }
    return evaluation(pools, mix.toString(), warnings);
  }

  private Set<Integer> natural(Word word) {
    var places = new ArrayList<Integer>();
    for (int i = 0; i < word.train().size(); i++) {
      places.add(i);
    }
    Collections.shuffle(places, new Random(samples.seed()));
    return new LinkedHashSet<>(places.subList(0, Math.min(samples.natural(), places.size())));
  }

  /** Twice as many of each sense as a balanced sample has, for samples to differ. */
  private Set<Integer> pool(Word word) {
    Set<Integer> pool = new LinkedHashSet<>();
    for (List<Integer> usages :
        PlacedWord.of(word, word.train(), List.of()).shuffled(samples.seed())) {
      usages.stream().limit(2L * samples.balanced()).forEach(pool::add);
    }
    return pool;
  }

  private static Example lemmatised(Word word, Example example) {
    Span span = example.span();
    String text =
        example.text().substring(0, span.start())
            + word.name()
            + example.text().substring(span.end());
    return new Example(
        text, new Span(span.start(), span.start() + word.name().length()), example.sense());
  }

  private static PlacedWord placed(
      Word word,
      Set<Integer> places,
      Map<Integer, Integer> number,
      EncodedUsages encoded,
      StandardSpace space,
      UsageMix mix) {
    // In the order in which they were encoded.
    List<Integer> in = number.keySet().stream().filter(places::contains).toList();
    return encoded.placed(
        word,
        in.stream().map(word.train()::get).toList(),
        in.stream().mapToInt(number::get).toArray(),
        space,
        mix);
  }

  private Evaluation evaluation(List<Pool> pools, String layers, List<String> warnings) {
    List<List<Found>> balanced = clustered(pools, Division.CLUSTERS);
    List<List<Found>> natural = clusteredNatural(pools, Division.CLUSTERS);
    int pooled = pools.stream().mapToInt(pool -> pool.balanced.size()).sum();
    int drawn = pools.stream().mapToInt(pool -> pool.natural.size()).sum();
    var scores = new ArrayList<Score>();
    for (int w = 0; w < pools.size(); w++) {
      String name = pools.get(w).balanced.word().name();
      scores.addAll(
          figures(
              name + ", " + BALANCED, layers, each(balanced.get(w)), pools.get(w).balanced.size()));
      scores.addAll(
          figures(
              name + ", " + NATURAL, layers, each(natural.get(w)), pools.get(w).natural.size()));
    }
    scores.add(leftWhole(pools, layers));
    scores.addAll(divided(BALANCED, layers, balanced, it -> clustered(pools, it), pooled));
    scores.addAll(divided(NATURAL, layers, natural, it -> clusteredNatural(pools, it), drawn));
    return new Evaluation(scores, warnings);
  }

  /** The figures of what was found, and of dividing samples without a look at them. */
  private List<Score> divided(
      String section,
      String layers,
      List<List<Found>> found,
      Function<Division, List<List<Found>>> otherwise,
      int usages) {
    var scores = new ArrayList<>(figures(section, layers, found, usages));
    for (Division division : List.of(Division.ALL_ONE, Division.ALL_SINGLE)) {
      scores.addAll(figures(section + division.name, "", otherwise.apply(division), usages));
    }
    return scores;
  }

  /** How a sample is divided. */
  private enum Division {
    CLUSTERS(""),
    ALL_ONE(", all one"),
    ALL_SINGLE(", all single");

    final String name;

    Division(String name) {
      this.name = name;
    }
  }

  /** For each word what its balanced samples came to. */
  private List<List<Found>> clustered(List<Pool> pools, Division division) {
    return IntStream.range(0, pools.size())
        .parallel()
        .mapToObj(
            w ->
                IntStream.range(0, samples.draws())
                    .mapToObj(
                        draw -> {
                          long seed = samples.seed() + draw;
                          return found(
                              pools.get(w).balanced.drawn(samples.balanced(), seed),
                              division,
                              seed);
                        })
                    .toList())
        .toList();
  }

  private List<List<Found>> clusteredNatural(List<Pool> pools, Division division) {
    return IntStream.range(0, pools.size())
        .parallel()
        .mapToObj(w -> List.of(found(pools.get(w).natural, division, samples.seed())))
        .toList();
  }

  private Found found(PlacedWord sample, Division division, long seed) {
    progress.update("clustering", 0, -1);
    var clusters = new int[sample.size()];
    int count = 1;
    switch (division) {
      case CLUSTERS -> {
        Clusters found = Clusters.of(sample.vectors(), 0, seed, cancel);
        Arrays.setAll(clusters, found.of()::get);
        count = found.count();
      }
      case ALL_ONE -> {}
      case ALL_SINGLE -> {
        Arrays.setAll(clusters, i -> i);
        count = clusters.length;
      }
    }
    return new Found(ClusterMeasures.of(sample.senses(), clusters), count);
  }

  private Score leftWhole(List<Pool> pools, String layers) {
    int whole = 0;
    int senses = 0;
    for (Pool pool : pools) {
      PlacedWord sample = pool.balanced.drawn(samples.balanced(), samples.seed());
      for (List<Integer> usages : sample.shuffled(samples.seed())) {
        if (usages.size() >= FEWEST_ALONE) {
          PlacedWord alone = sample.some(usages.stream().mapToInt(Integer::intValue).toArray());
          whole += Clusters.of(alone.vectors(), 0, samples.seed(), cancel).count() == 1 ? 1 : 0;
          senses++;
        }
      }
    }
    return Score.share(BALANCED, layers, LEFT_WHOLE, whole, senses, senses);
  }

  private static List<List<Found>> each(List<Found> found) {
    return found.stream().map(List::of).toList();
  }

  /**
   * Means with bootstrap intervals.
   *
   * @param units what is resampled; each counts by its mean
   */
  private List<Score> figures(String section, String layers, List<List<Found>> units, int usages) {
    var scores = new ArrayList<Score>();
    MEASURES.forEach(
        (metric, measure) -> {
          double[] values =
              units.stream()
                  .mapToDouble(unit -> unit.stream().mapToDouble(measure).average().orElseThrow())
                  .toArray();
          Interval interval = values.length < 2 ? Interval.NONE : resampled(values);
          scores.add(
              new Score(
                  section,
                  layers,
                  metric,
                  Arrays.stream(values).average().orElseThrow(),
                  interval.low(),
                  interval.high(),
                  usages,
                  usages));
        });
    return scores;
  }

  private Interval resampled(double[] values) {
    var random = new SplittableRandom(samples.seed());
    var means = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      for (int i = 0; i < values.length; i++) {
        means[r] += values[random.nextInt(values.length)] / values.length;
      }
    }
    return Intervals.percentile(means);
  }
}
