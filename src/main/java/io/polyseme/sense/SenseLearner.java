package io.polyseme.sense;

import com.carrotsearch.hppc.IntArrayList;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Learns from labelled usages: the space in which those of one sense lie close, each sense's place
 * there, and how its usages, its gloss and its frequency weigh.
 */
final class SenseLearner {
  /** The share of the mean variance that whitening adds to each, so that none is blown up. */
  private static final double RIDGE = 0.3;

  /** One document of so many is held out to calibrate by. */
  private static final int HELD_OUT = 5;

  /** Found on SemCor's documents, the frequencies counted in others of them. */
  private static final SenseWeights UNLABELLED = SenseWeights.of(12, 2, 0, 1, 1);

  private static final int AT_ONCE = 4096;
  private static final int FEWEST_TO_LEARN = 2000;
  private static final int FEWEST_TO_CALIBRATE = 500;

  /** Below so many examples for each dimension, too little is known of how they vary. */
  private static final int FEWEST_EXAMPLES = 5;

  private final SenseInventory inventory;
  private final UsageSpace base;
  private final UsageTable usages;
  private final Map<String, GatheredSense> texts;
  private final Progress progress;
  private final Cancel cancel;
  private final Map<String, List<Sense>> candidates = new HashMap<>();

  /**
   * @param usages in the space before whitening
   * @param texts what is known of senses beside the usages, by their ids; not all need be there
   */
  SenseLearner(
      SenseInventory inventory,
      UsageSpace base,
      UsageTable usages,
      Map<String, GatheredSense> texts,
      Progress progress,
      Cancel cancel) {
    this.inventory = inventory;
    this.base = base;
    this.usages = usages;
    this.texts = texts;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * What can be known without labelled usages, or with a few. Where the inventory has enough
   * examples, the space is made by these: those of one gloss are usages of one sense.
   *
   * @param labelled usages of senses by their ids, before whitening as the texts
   */
  static LearnedVectors ofTexts(
      UsageSpace base, Map<String, GatheredSense> texts, Map<String, List<float[]>> labelled) {
    List<float[]> examples = new ArrayList<>();
    List<String> senses = new ArrayList<>();
    for (GatheredSense of : texts.values()) {
      for (float[] example : of.examples()) {
        examples.add(example);
        senses.add(of.sense().gloss().isEmpty() ? of.sense().id() : of.sense().gloss());
      }
    }
    boolean plain = examples.size() < FEWEST_EXAMPLES * base.dimension();
    UsageSpace space = plain ? base : whitened(base, examples.size(), examples::get, senses::get);
    Map<String, float[]> means = new ConcurrentHashMap<>();
    texts.entrySet().parallelStream()
        .forEach(
            entry -> {
              List<float[]> of = labelled.getOrDefault(entry.getKey(), List.of());
              float[] mean = entry.getValue().mean(space, of);
              if (mean != null) {
                means.put(entry.getKey(), mean);
              }
            });
    float[][] map = plain ? null : glossMap(space, texts, means);
    Map<String, SenseVectors.Known> known = new ConcurrentHashMap<>();
    texts.entrySet().parallelStream()
        .forEach(
            entry -> {
              String id = entry.getKey();
              GatheredSense of = entry.getValue();
              float[] gloss = map == null ? of.gloss(space) : mapped(map, of.explained(space));
              int count = labelled.getOrDefault(id, List.of()).size();
              known.put(id, of.known(means.get(id), count, gloss));
            });
    return new LearnedVectors(space, known, plain ? LazyVectors.WEIGHTS : UNLABELLED);
  }

  /** From glosses to the means of usages; null where no sense has both. */
  private static float @Nullable [][] glossMap(
      UsageSpace space, Map<String, GatheredSense> texts, Map<String, float[]> means) {
    var glosses = new ArrayList<float[]>();
    var usages = new ArrayList<float[]>();
    for (String id : new TreeSet<>(means.keySet())) {
      float[] gloss = texts.get(id).explained(space);
      if (gloss != null) {
        glosses.add(gloss);
        usages.add(means.get(id));
      }
    }
    if (glosses.isEmpty()) {
      return null;
    }
    var weights = new double[glosses.size()];
    Arrays.fill(weights, 1);
    return LinearMap.ridge(
            glosses.toArray(float[][]::new),
            usages.toArray(float[][]::new),
            weights,
            BiEncoder.RIDGE)
        .weights();
  }

  private static float @Nullable [] mapped(float[][] map, float @Nullable [] explained) {
    return explained == null ? null : LinearMap.unit(map, explained);
  }

  /**
   * How often senses occur among some usages, and nothing else: what frequencies alone are told by.
   */
  LearnedVectors counted(IntArrayList rows) {
    Map<String, SenseVectors.Known> known = new HashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      known.merge(
          usages.get(rows.get(i)).senses().getFirst(),
          SenseVectors.Known.of(null, 1, 0, null),
          (a, b) -> SenseVectors.Known.of(null, a.corpus() + b.corpus(), 0, null));
    }
    return new LearnedVectors(base, known, LazyVectors.WEIGHTS);
  }

  /**
   * Learns from some usages. How sure answers may be is found on a part of the documents that is
   * held out at first. A few usages only show what their senses look like.
   */
  LearnedVectors learn(IntArrayList rows) {
    if (rows.size() < FEWEST_TO_LEARN) {
      Map<String, List<float[]>> labelled = new HashMap<>();
      for (int i = 0; i < rows.size(); i++) {
        labelled
            .computeIfAbsent(usages.get(rows.get(i)).senses().getFirst(), _ -> new ArrayList<>())
            .add(usages.vector(rows.get(i)));
      }
      return ofTexts(base, texts, labelled);
    }
    LearnedVectors all = fit(rows);
    var part = new IntArrayList();
    var rest = new IntArrayList();
    divide(rows, part, rest);
    if (part.size() < FEWEST_TO_LEARN || rest.size() < FEWEST_TO_CALIBRATE) {
      return all;
    }
    LearnedVectors first = fit(part);
    List<SenseWeights.Labelled> items = told(first, rest);
    return items.size() < FEWEST_TO_CALIBRATE
        ? all
        : all.withWeights(all.weights().asSureAs(first.weights().calibrated(items)));
  }

  private void divide(IntArrayList rows, IntArrayList part, IntArrayList rest) {
    var documents = new TreeSet<String>();
    for (int i = 0; i < rows.size(); i++) {
      documents.add(usages.get(rows.get(i)).document());
    }
    Set<String> held = new HashSet<>();
    int number = 0;
    for (String document : documents) {
      if (number++ % HELD_OUT == HELD_OUT - 1) {
        held.add(document);
      }
    }
    for (int i = 0; i < rows.size(); i++) {
      int row = rows.get(i);
      (held.contains(usages.get(row).document()) ? rest : part).add(row);
    }
  }

  private LearnedVectors fit(IntArrayList rows) {
    return new Fit(rows).vectors();
  }

  /** What is learned from some of the usages. */
  private final class Fit {
    private final UsageSpace whitened;
    private final UsageTable placed = new UsageTable(base.dimension());

    /** All senses that the words may have, and those that were seen, by their ids. */
    private final Map<String, Integer> numbers = new LinkedHashMap<>();

    /** The rows of {@link #placed} by the senses that their words may have. */
    private final Map<List<Sense>, IntArrayList> byWord = new LinkedHashMap<>();

    private final float[][] sums;
    private final int[] counts;

    /** All that glosses show, as they look in the whitened space. */
    private final float @Nullable [][] glosses;

    Fit(IntArrayList rows) {
      whitened =
          whitened(
              base,
              rows.size(),
              i -> usages.vector(rows.get(i)),
              i -> usages.get(rows.get(i)).senses().getFirst());
      for (int i = 0; i < rows.size(); i++) {
        List<Sense> senses = candidates(usages.get(rows.get(i)).word());
        senses.forEach(sense -> numbers.putIfAbsent(sense.id(), numbers.size()));
        if (senses.size() > 1) {
          byWord.computeIfAbsent(senses, _ -> new IntArrayList()).add(i);
        }
      }
      place(rows);
      sums = new float[numbers.size()][];
      counts = new int[numbers.size()];
      for (int row = 0; row < placed.size(); row++) {
        Integer sense = numbers.get(sense(row));
        if (sense != null) {
          sums[sense] = sums[sense] == null ? new float[base.dimension()] : sums[sense];
          Vectors.addScaled(sums[sense], placed.vector(row), 1);
          counts[sense]++;
        }
      }
      glosses = glosses();
    }

    private void place(IntArrayList rows) {
      for (int from = 0; from < rows.size(); from += AT_ONCE) {
        int first = from;
        var vectors = new float[Math.min(AT_ONCE, rows.size() - first)][];
        IntStream.range(0, vectors.length)
            .parallel()
            .forEach(i -> vectors[i] = whitened.whiten(usages.vector(rows.get(first + i))));
        for (int i = 0; i < vectors.length; i++) {
          placed.add(usages.get(rows.get(first + i)), vectors[i]);
        }
      }
    }

    private String sense(int row) {
      return placed.get(row).senses().getFirst();
    }

    LearnedVectors vectors() {
      BiEncoder.Trained trained =
          BiEncoder.train(
              words(),
              placed,
              new BiEncoder.Senses(sums, counts, glosses, 2 * base.dimension()),
              progress,
              cancel);
      UsageSpace space = whitened.mapped(trained.usageMap());
      Map<String, SenseVectors.Known> known = new ConcurrentHashMap<>();
      Set<String> ids = new HashSet<>(numbers.keySet());
      ids.addAll(texts.keySet());
      ids.parallelStream().forEach(id -> known.put(id, known(id, trained, space)));
      return new LearnedVectors(
          space,
          known,
          SenseWeights.of(
              trained.scale(), trained.shrinkage(), 0, trained.prior(), BiEncoder.SMOOTHING));
    }

    private float @Nullable [][] glosses() {
      var glosses = new float[numbers.size()][];
      numbers.entrySet().parallelStream()
          .forEach(
              number -> {
                GatheredSense of = texts.get(number.getKey());
                glosses[number.getValue()] = of == null ? null : of.explained(whitened);
              });
      return glosses;
    }

    private List<BiEncoder.Word> words() {
      List<BiEncoder.Word> words = new ArrayList<>();
      byWord.forEach(
          (senses, at) -> {
            BiEncoder.Word word = word(senses.stream().map(Sense::id).toList(), at);
            if (word.rows().length > 0) {
              words.add(word);
            }
          });
      return words;
    }

    private BiEncoder.Word word(List<String> senses, IntArrayList at) {
      int[] rows =
          IntStream.of(at.toArray())
              .filter(row -> senses.contains(sense(row)))
              .boxed()
              .sorted(Comparator.comparing((Integer row) -> placed.get(row).document()))
              .mapToInt(Integer::intValue)
              .toArray();
      Map<String, Integer> documents = new HashMap<>();
      return new BiEncoder.Word(
          senses.stream().mapToInt(numbers::get).toArray(),
          rows,
          IntStream.of(rows).map(row -> senses.indexOf(sense(row))).toArray(),
          IntStream.of(rows)
              .map(
                  row ->
                      documents.computeIfAbsent(placed.get(row).document(), _ -> documents.size()))
              .toArray());
    }

    private SenseVectors.Known known(String id, BiEncoder.Trained trained, UsageSpace space) {
      Integer sense = numbers.get(id);
      GatheredSense of = texts.get(id);
      float[] explained =
          sense != null ? glosses[sense] : of == null ? null : of.explained(whitened);
      float[] gloss = mapped(trained.glossMap(), explained);
      if (sense != null && counts[sense] > 0) {
        float[] mean = LinearMap.unit(trained.usageMap(), Vectors.unitOrZero(sums[sense]));
        return SenseVectors.Known.of(mean, counts[sense], 0, gloss);
      }
      return of == null
          ? SenseVectors.Known.NOTHING
          : of.known(of.mean(space, List.of()), 0, gloss);
    }
  }

  private List<Sense> candidates(LabelledText.Word word) {
    return candidates.computeIfAbsent(
        word.lemma() + "\t" + word.pos(), _ -> inventory.senses(word.lemma(), word.pos()));
  }

  /** Usages of which the sense is known, as they look in a space. */
  private List<SenseWeights.Labelled> told(LearnedVectors learned, IntArrayList rows) {
    var items = new ArrayList<SenseWeights.Labelled>();
    for (int i = 0; i < rows.size(); i++) {
      UsageTable.Usage usage = usages.get(rows.get(i));
      List<Sense> senses = candidates(usage.word());
      List<String> ids = senses.stream().map(Sense::id).toList();
      int right = ids.indexOf(usage.senses().getFirst());
      if (senses.size() > 1 && right >= 0) {
        float[] placed = learned.space().whiten(usages.vector(rows.get(i)));
        items.add(
            new SenseWeights.Labelled(SenseWeights.Features.of(learned, senses, placed), right));
      }
    }
    return items;
  }

  /** The space in which the variance within senses is equal in all directions. */
  private static UsageSpace whitened(
      UsageSpace base, int count, IntFunction<float[]> vectors, IntFunction<String> senses) {
    Map<String, double[]> sums = new HashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    int dimension = base.dimension();
    for (int i = 0; i < count; i++) {
      float[] vector = vectors.apply(i);
      double[] sum = sums.computeIfAbsent(senses.apply(i), _ -> new double[dimension]);
      for (int d = 0; d < dimension; d++) {
        sum[d] += vector[d];
      }
      counts.merge(senses.apply(i), 1, Integer::sum);
    }
    return base.whitened(
        count,
        (i, into) -> {
          float[] vector = vectors.apply(i);
          double[] sum = sums.get(senses.apply(i));
          int of = counts.get(senses.apply(i));
          for (int d = 0; d < dimension; d++) {
            into[d] = (float) (vector[d] - sum[d] / of);
          }
        },
        RIDGE);
  }
}
