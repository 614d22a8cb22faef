package io.polyseme.sense;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Two linear maps, of usages and of glosses, into a space in which a word lies close to the sense
 * it has there. A sense is the mean of its usages, drawn towards its gloss the more, the fewer
 * there are:
 *
 * <pre>r(s) = n/(n + κ) · unit(P m(s)) + κ/(n + κ) · unit(Q g(s))</pre>
 *
 * and the log odds of a sense are {@code τ cos(P u, r(s)) + γ log f(s)}, {@code f} its frequency.
 * All are trained together on labelled usages, by the softmax loss over the senses of each word
 * (after Blevins and Zettlemoyer 2020, "Moving Down the Long Tail of Word Sense Disambiguation with
 * Gloss-Informed Bi-encoders", section 3; there the encoders are trained, here they are frozen). A
 * usage must not find itself in the mean of its sense: the usages of its document are left out of
 * the means and frequencies that it is held against. The outcome depends on the seed alone, not on
 * the number of threads.
 */
final class BiEncoder {
  private static final int EPOCHS = 3;
  private static final int BATCH = 1500;

  /** So many usages of a word at most come together into one batch. */
  private static final int PART = 300;

  private static final double RATE = 0.002;

  /** The few numbers learn faster than the maps. */
  private static final double FEW_RATE = 10 * RATE;

  /** The share of senses that are taken for unseen, so that glosses are learned from, too. */
  private static final double DROPPED = 0.15;

  /** Added to how often each sense occurs. */
  static final double SMOOTHING = 0.3;

  /** A mean of so many usages is as good as any. */
  private static final int SURE = 5;

  /** Of the map that glosses begin with. */
  static final double RIDGE = 0.3;

  private static final long SEED = 1;

  private final List<Word> words;
  private final UsageTable usages;
  private final Senses senses;
  private final LinearMap usageMap;
  private final LinearMap glossMap;

  /** log τ, γ, log κ. */
  private final LinearMap few =
      new LinearMap(new float[][] {{(float) Math.log(30), 1, (float) Math.log(3)}});

  /**
   * A word with labelled usages and several senses.
   *
   * @param senses its candidates, by their number among all
   * @param rows its usages, those of one document next to each other
   * @param gold for each row the place of its sense among the candidates
   * @param documents for each row the number of its document
   */
  record Word(int[] senses, int[] rows, int[] gold, int[] documents) {}

  /**
   * What is known of all senses.
   *
   * @param sums of their usages
   * @param counts how many these are
   * @param glosses of unit length; null where a sense has none
   * @param explained how many dimensions glosses have, or would
   */
  record Senses(float[][] sums, int[] counts, float @Nullable [][] glosses, int explained) {}

  /**
   * What was learned.
   *
   * @param usageMap float[dimension][dimension], by rows: {@code P}
   * @param glossMap likewise: {@code Q}
   * @param scale {@code τ}
   * @param prior {@code γ}
   * @param shrinkage {@code κ}
   */
  record Trained(
      float[][] usageMap, float[][] glossMap, double scale, double prior, double shrinkage) {}

  private BiEncoder(List<Word> words, UsageTable usages, Senses senses) {
    this.words = words;
    this.usages = usages;
    this.senses = senses;
    int dimension = usages.dimension();
    this.usageMap = LinearMap.identity(dimension, dimension);
    this.glossMap = glossMap(senses, dimension);
  }

  /** Begins with the map that takes glosses nearest to the means of their usages. */
  private static LinearMap glossMap(Senses senses, int dimension) {
    List<float[]> glosses = new ArrayList<>();
    List<float[]> means = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int s = 0; s < senses.glosses.length; s++) {
      if (senses.glosses[s] != null && senses.counts[s] > 0) {
        glosses.add(senses.glosses[s]);
        means.add(Vectors.unitOrZero(senses.sums[s]));
        weights.add(Math.sqrt(Math.min(senses.counts[s], SURE)));
      }
    }
    return glosses.isEmpty()
        ? LinearMap.identity(dimension, senses.explained)
        : LinearMap.ridge(
            glosses.toArray(float[][]::new),
            means.toArray(float[][]::new),
            weights.stream().mapToDouble(Double::doubleValue).toArray(),
            RIDGE);
  }

  /**
   * Trains.
   *
   * @param usages of unit length
   */
  static Trained train(
      List<Word> words, UsageTable usages, Senses senses, Progress progress, Cancel cancel) {
    var it = new BiEncoder(words, usages, senses);
    it.train(progress, cancel);
    return new Trained(
        it.usageMap.weights(), it.glossMap.weights(), it.scale(), it.prior(), it.shrinkage());
  }

  private double scale() {
    return Math.exp(few.weights()[0][0]);
  }

  private double prior() {
    return few.weights()[0][1];
  }

  private double shrinkage() {
    return Math.exp(few.weights()[0][2]);
  }

  /** Some usages of one word. */
  private record Part(Word word, int[] at) {}

  private void train(Progress progress, Cancel cancel) {
    var random = new Random(SEED);
    long total = words.stream().mapToLong(word -> word.rows.length).sum() * EPOCHS;
    long done = 0;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      List<Part> parts = parts(random);
      int next = 0;
      while (next < parts.size()) {
        cancel.check();
        var batch = new ArrayList<Part>();
        int size = 0;
        while (next < parts.size() && size < BATCH) {
          Part part = parts.get(next++);
          batch.add(part);
          size += part.at.length;
        }
        new Batch(batch, size, random).addGradients();
        double cosine = 0.5 * (1 + Math.cos(Math.PI * done / total));
        usageMap.step(RATE * cosine);
        glossMap.step(RATE * cosine);
        few.step(FEW_RATE * cosine);
        done += size;
        progress.update("learning senses", done, total);
      }
    }
  }

  private List<Part> parts(Random random) {
    var parts = new ArrayList<Part>();
    for (Word word : words) {
      int[] at = shuffled(word.rows.length, random);
      for (int from = 0; from < at.length; from += PART) {
        parts.add(new Part(word, Arrays.copyOfRange(at, from, Math.min(at.length, from + PART))));
      }
    }
    Collections.shuffle(parts, random);
    return parts;
  }

  private static int[] shuffled(int n, Random random) {
    var order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /**
   * A sense as some usages see it: without those of their document.
   *
   * @param count how many usages its mean is of; 0 where it is taken for unseen
   * @param frequency how many there are
   */
  private record Seen(int sense, int count, int frequency, float[] sum) {}

  /** One step's usages, their candidates, and what the chain rule needs of them. */
  private final class Batch {
    private final int dimension = usages.dimension();
    private final List<Seen> seen = new ArrayList<>();
    private final float[][] items;

    /** For each item its candidates, by their places in {@link #seen}. */
    private final int[][] candidates;

    private final int[] gold;

    Batch(List<Part> parts, int size, Random random) {
      items = new float[size][];
      candidates = new int[size][];
      gold = new int[size];
      int item = 0;
      for (Part part : parts) {
        Word word = part.word;
        int[] all = new int[word.senses.length];
        for (int k = 0; k < all.length; k++) {
          int sense = word.senses[k];
          all[k] = add(sense, senses.counts[sense], senses.sums[sense], random);
        }
        Map<Integer, int[]> byDocument = new HashMap<>();
        for (int at : part.at) {
          items[item] = usages.vector(word.rows[at]);
          gold[item] = word.gold[at];
          candidates[item] =
              byDocument.computeIfAbsent(
                  word.documents[at], _ -> without(word, at, all.clone(), random));
          item++;
        }
      }
    }

    private int add(int sense, int count, float[] sum, Random random) {
      seen.add(new Seen(sense, random.nextDouble() < DROPPED ? 0 : count, count, sum));
      return seen.size() - 1;
    }

    /** Puts senses without the usages of a row's document in the places of the whole ones. */
    private int[] without(Word word, int at, int[] places, Random random) {
      int document = word.documents[at];
      int from = at;
      while (from > 0 && word.documents[from - 1] == document) {
        from--;
      }
      int to = at;
      while (to < word.rows.length && word.documents[to] == document) {
        to++;
      }
      for (int k = 0; k < places.length; k++) {
        float[] sum = null;
        int count = 0;
        for (int i = from; i < to; i++) {
          if (word.gold[i] == k) {
            sum = sum == null ? senses.sums[word.senses[k]].clone() : sum;
            Vectors.addScaled(sum, usages.vector(word.rows[i]), -1);
            count++;
          }
        }
        if (sum != null) {
          int sense = word.senses[k];
          places[k] = add(sense, senses.counts[sense] - count, sum, random);
        }
      }
      return places;
    }

    /** Adds the derivatives of the mean loss to the maps. */
    void addGradients() {
      double scale = scale();
      double prior = prior();
      var joined = new Joined();
      LinearMap.Units usage = usageMap.units(items);
      var byUsage = new float[items.length][dimension];
      for (int i = 0; i < items.length; i++) {
        int[] places = candidates[i];
        double[] logs = logFrequencies(places);
        var cosines = new double[places.length];
        var scores = new double[places.length];
        for (int k = 0; k < places.length; k++) {
          cosines[k] = Vectors.dot(usage.get(i), joined.units[places[k]]);
          scores[k] = scale * cosines[k] + prior * logs[k];
        }
        double[] errors = SenseWeights.probabilities(scores);
        errors[gold[i]] -= 1;
        for (int k = 0; k < places.length; k++) {
          double error = errors[k] / items.length;
          few.addGradient(0, 0, error * scale * cosines[k]);
          few.addGradient(0, 1, error * logs[k]);
          Vectors.addScaled(byUsage[i], joined.units[places[k]], (float) (error * scale));
          Vectors.addScaled(joined.gradient[places[k]], usage.get(i), (float) (error * scale));
        }
      }
      usage.addGradient(byUsage);
      joined.addGradients();
    }

    private double[] logFrequencies(int[] places) {
      var logs = new double[places.length];
      double sum = 0;
      for (int k = 0; k < places.length; k++) {
        logs[k] = seen.get(places[k]).frequency + SMOOTHING;
        sum += logs[k];
      }
      for (int k = 0; k < places.length; k++) {
        logs[k] = Math.log(logs[k] / sum);
      }
      return logs;
    }

    /** The vectors of {@link #seen} senses, of means and glosses. */
    private final class Joined {
      private final LinearMap.Units means;
      private final LinearMap.Units glosses;

      /** For each sense the place of its gloss, or -1. */
      private final int[] glossOf = new int[seen.size()];

      /** The share of the mean, beside the gloss. */
      private final double[] shares = new double[seen.size()];

      private final double[] lengths = new double[seen.size()];
      final float[][] units = new float[seen.size()][dimension];

      /** The loss's derivatives by {@link #units}. */
      final float[][] gradient = new float[seen.size()][dimension];

      Joined() {
        Map<Integer, Integer> places = new HashMap<>();
        var distinct = new ArrayList<float[]>();
        var vectors = new float[seen.size()][];
        for (int r = 0; r < vectors.length; r++) {
          Seen it = seen.get(r);
          vectors[r] = it.count > 0 ? Vectors.unitOrZero(it.sum) : new float[dimension];
          float[] gloss = senses.glosses[it.sense];
          if (gloss == null) {
            glossOf[r] = -1;
            continue;
          }
          glossOf[r] = places.computeIfAbsent(it.sense, _ -> places.size());
          if (glossOf[r] == distinct.size()) {
            distinct.add(gloss);
          }
        }
        means = usageMap.units(vectors);
        glosses = glossMap.units(distinct.toArray(float[][]::new));
        for (int r = 0; r < units.length; r++) {
          int count = seen.get(r).count;
          shares[r] = glossOf[r] < 0 ? 1 : count / (count + shrinkage());
          Vectors.addScaled(units[r], means.get(r), (float) shares[r]);
          if (glossOf[r] >= 0) {
            Vectors.addScaled(units[r], glosses.get(glossOf[r]), (float) (1 - shares[r]));
          }
          lengths[r] = LinearMap.toUnit(units[r]);
        }
      }

      void addGradients() {
        double shrinkage = shrinkage();
        var byMeans = new float[units.length][dimension];
        var byGlosses = new float[glosses.size()][dimension];
        for (int r = 0; r < units.length; r++) {
          float[] by = LinearMap.throughUnit(gradient[r], units[r], lengths[r]);
          Vectors.addScaled(byMeans[r], by, (float) shares[r]);
          if (glossOf[r] >= 0) {
            float[] gloss = glosses.get(glossOf[r]);
            Vectors.addScaled(byGlosses[glossOf[r]], by, (float) (1 - shares[r]));
            int count = seen.get(r).count;
            double byShare = Vectors.dot(by, means.get(r)) - Vectors.dot(by, gloss);
            double sum = count + shrinkage;
            few.addGradient(0, 2, -byShare * count * shrinkage / (sum * sum));
          }
        }
        means.addGradient(byMeans);
        glosses.addGradient(byGlosses);
      }
    }
  }
}
