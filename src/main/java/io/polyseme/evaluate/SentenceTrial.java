package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.SentencePairs.Pair;
import io.polyseme.evaluate.SentencePairs.Section;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sentence pairs as one or two models see them: every different sentence is encoded once. */
final class SentenceTrial {
  /** How many sentences one model encodes before the other one's turn. */
  private static final int TURN = 4096;

  private final SentencePairs set;

  /** The different sentences, in the order in which the pairs have them. */
  private final List<String> texts = new ArrayList<>();

  /** The pairs of all sections in one row, a pair's sentences by their numbers. */
  private final List<Pair> pairs;

  private final int[] first;
  private final int[] second;

  /** For each sentence the pairs that it is in, one of two equal sentences once. */
  private final List<List<Integer>> uses = new ArrayList<>();

  private final List<Model> models = new ArrayList<>();
  private final List<Alike> alike = new ArrayList<>();

  SentenceTrial(SentencePairs set) {
    this.set = set;
    this.pairs = set.sections().stream().flatMap(s -> s.pairs().stream()).toList();
    this.first = new int[pairs.size()];
    this.second = new int[pairs.size()];
    var numbers = new HashMap<String, Integer>();
    for (int i = 0; i < first.length; i++) {
      first[i] = number(numbers, pairs.get(i).first());
      second[i] = number(numbers, pairs.get(i).second());
      uses.get(first[i]).add(i);
      if (second[i] != first[i]) {
        uses.get(second[i]).add(i);
      }
    }
  }

  private int number(Map<String, Integer> numbers, String text) {
    return numbers.computeIfAbsent(
        text,
        t -> {
          texts.add(t);
          uses.add(new ArrayList<>());
          return texts.size() - 1;
        });
  }

  /** What one model makes of the pairs. */
  private final class Model {
    /** By layer and pair; NaN where there is none. */
    final List<double[]> cosines = new ArrayList<>();

    final List<String> layers = new ArrayList<>();

    /** Vectors that a later sentence is to be compared with. */
    final List<@Nullable List<LayerVector>> held = new ArrayList<>();

    final int[] waiting = new int[texts.size()];
    final boolean[] come = new boolean[texts.size()];
    int failed;
    String failure = "";
    int unknown;
    int windowed;

    Model() {
      for (int t = 0; t < texts.size(); t++) {
        held.add(null);
        waiting[t] = uses.get(t).size();
      }
    }

    /** Takes a sentence's vectors, and gives them back; null where it has none. */
    @Nullable List<LayerVector> take(int text, EncodeResult result) {
      List<LayerVector> vectors =
          switch (result) {
            case EncodeResult.Failed(_, _, PolysemeException error) -> fail(error.getMessage());
            case EncodeResult.Done(_, Encoded encoded) -> {
              unknown += encoded.unknownTokens() > 0 ? 1 : 0;
              windowed += encoded.windows() > 1 ? 1 : 0;
              yield encoded.sentence().stream().allMatch(v -> finite(v.vector()))
                  ? checked(encoded.sentence())
                  : fail("its vector is not finite");
            }
          };
      come[text] = true;
      held.set(text, vectors);
      for (int pair : uses.get(text)) {
        int other = first[pair] == text ? second[pair] : first[pair];
        if (!come[other]) {
          continue;
        }
        List<LayerVector> others = held.get(other);
        if (vectors != null && others != null) {
          for (int layer = 0; layer < layers.size(); layer++) {
            cosines.get(layer)[pair] =
                Directions.cosine(vectors.get(layer).vector(), others.get(layer).vector());
          }
        }
        done(other);
        if (other != text) {
          done(text);
        }
      }
      return vectors;
    }

    private void done(int text) {
      if (--waiting[text] == 0) {
        held.set(text, null);
      }
    }

    private @Nullable List<LayerVector> fail(String message) {
      if (failed++ == 0) {
        failure = message;
      }
      return null;
    }

    private List<LayerVector> checked(List<LayerVector> vectors) {
      if (layers.isEmpty()) {
        for (LayerVector vector : vectors) {
          layers.add(vector.layer());
          var none = new double[pairs.size()];
          Arrays.fill(none, Double.NaN);
          cosines.add(none);
        }
      }
      if (vectors.isEmpty() || vectors.size() != layers.size()) {
        throw new IllegalArgumentException(
            "a sentence has vectors of %d layers, and the first one of %d"
                .formatted(vectors.size(), layers.size()));
      }
      return vectors;
    }

    List<String> warnings() {
      var warnings = new ArrayList<String>();
      if (failed > 0) {
        warnings.add(
            "%d of %d sentences could not be encoded, and their pairs are left out; the first: %s"
                .formatted(failed, texts.size(), failure));
      }
      if (unknown > 0) {
        warnings.add(
            "%d of %d sentences have a token that the model does not know"
                .formatted(unknown, texts.size()));
      }
      if (windowed > 0) {
        warnings.add(
            "%d of %d sentences are longer than the model's window: their vectors are means over several"
                .formatted(windowed, texts.size()));
      }
      return warnings;
    }
  }

  private static boolean finite(float[] vector) {
    for (float x : vector) {
      if (!Float.isFinite(x)) {
        return false;
      }
    }
    return true;
  }

  /** How far the models' vectors of a layer are the same. */
  private static final class Alike {
    int sentences;
    double sum;
    double least = Double.POSITIVE_INFINITY;
    int leastAlike;
    boolean comparable = true;

    void add(int text, float[] a, float[] b) {
      comparable &= a.length == b.length;
      if (!comparable) {
        return;
      }
      double cosine = Directions.cosine(a, b);
      sentences++;
      sum += cosine;
      if (cosine < least) {
        least = cosine;
        leastAlike = text;
      }
    }
  }

  /** Has one model, or two in turn, encode every sentence. */
  void encode(List<SentenceVectors> vectors, Progress progress, Cancel cancel) {
    vectors.forEach(_ -> models.add(new Model()));
    int turn = vectors.size() == 1 ? texts.size() : TURN;
    for (int from = 0; from < texts.size(); from += turn) {
      List<String> some = texts.subList(from, Math.min(from + turn, texts.size()));
      var kept = new ArrayList<@Nullable List<LayerVector>>();
      for (int m = 0; m < vectors.size(); m++) {
        Model model = models.get(m);
        boolean keep = m == 0 && vectors.size() > 1;
        int start = from;
        long before = (long) vectors.size() * from + (long) m * some.size();
        encode(
            vectors.get(m),
            some,
            (i, result) -> {
              List<LayerVector> made = model.take(start + i, result);
              if (keep) {
                kept.add(made);
              } else if (vectors.size() > 1) {
                compare(start + i, kept.get(i), made);
              }
              progress.update("encoding", before + i + 1, (long) vectors.size() * texts.size());
            },
            cancel);
      }
    }
    if (models.stream().anyMatch(model -> model.failed == texts.size())) {
      throw new PolysemeException(
          "no sentence could be encoded; the first: "
              + models.stream()
                  .filter(model -> model.failed == texts.size())
                  .findFirst()
                  .orElseThrow()
                  .failure);
    }
  }

  private static void encode(
      SentenceVectors vectors,
      List<String> some,
      BiConsumer<Integer, EncodeResult> sink,
      Cancel cancel) {
    var given = new int[1];
    vectors.encodeAll(
        some.stream().map(TextInput::of).iterator(),
        result -> {
          if (result.index() != given[0] || given[0] == some.size()) {
            throw new IllegalArgumentException(
                "a result has number %d, and should have %d of %d sentences"
                    .formatted(result.index(), given[0], some.size()));
          }
          sink.accept(given[0]++, result);
        },
        cancel);
    if (given[0] != some.size()) {
      throw new IllegalArgumentException(
          "%d results were given for %d sentences".formatted(given[0], some.size()));
    }
  }

  private void compare(int text, @Nullable List<LayerVector> a, @Nullable List<LayerVector> b) {
    if (a == null || b == null) {
      return;
    }
    if (a.size() != b.size()) {
      throw new IllegalArgumentException(
          "the models are asked for %d and %d layers, and can be compared in as many only"
              .formatted(a.size(), b.size()));
    }
    for (int layer = 0; layer < a.size(); layer++) {
      if (layer == alike.size()) {
        alike.add(new Alike());
      }
      alike.get(layer).add(text, a.get(layer).vector(), b.get(layer).vector());
    }
  }

  Evaluation evaluation(SentenceOptions options, Progress progress, Cancel cancel) {
    return evaluation(models.getFirst(), figures(models.getFirst(), options, progress, cancel));
  }

  private Evaluation evaluation(Model model, List<CorrelationFigures> figures) {
    var warnings = new ArrayList<>(set.notes());
    warnings.addAll(model.warnings());
    return new Evaluation(figures.stream().flatMap(f -> f.scores().stream()).toList(), warnings);
  }

  SentenceComparison comparison(SentenceOptions options, Progress progress, Cancel cancel) {
    Model a = models.getFirst();
    Model b = models.getLast();
    if (alike.isEmpty()) {
      throw new PolysemeException("no sentence could be encoded by both models");
    }
    keepWhatBothHave(a, b);
    List<CorrelationFigures> ofA = figures(a, options, progress, cancel);
    List<CorrelationFigures> ofB = figures(b, options, progress, cancel);
    var differences = new ArrayList<Score>();
    for (int i = 0; i < ofA.size(); i++) {
      String layer = both(ofA.get(i).layer(), ofB.get(i).layer());
      differences.addAll(ofB.get(i).minus(ofA.get(i), layer));
    }
    var agreements = new ArrayList<SentenceComparison.Agreement>();
    for (int layer = 0; layer < alike.size(); layer++) {
      Alike cosines = alike.get(layer);
      if (cosines.comparable) {
        agreements.add(
            new SentenceComparison.Agreement(
                both(a.layers.get(layer), b.layers.get(layer)),
                cosines.sentences,
                cosines.sum / cosines.sentences,
                cosines.least,
                texts.get(cosines.leastAlike)));
      }
    }
    return new SentenceComparison(evaluation(a, ofA), evaluation(b, ofB), differences, agreements);
  }

  private static String both(String a, String b) {
    return a.equals(b) ? a : a + " / " + b;
  }

  private static void keepWhatBothHave(Model a, Model b) {
    for (int layer = 0; layer < a.layers.size(); layer++) {
      double[] ofA = a.cosines.get(layer);
      double[] ofB = b.cosines.get(layer);
      for (int i = 0; i < ofA.length; i++) {
        if (Double.isNaN(ofA[i]) || Double.isNaN(ofB[i])) {
          ofA[i] = Double.NaN;
          ofB[i] = Double.NaN;
        }
      }
    }
  }

  /** Some of the pairs, which stand one after another. */
  private record Part(String name, int from, int to) {}

  /** Sections, each task after its sections, and the mean over tasks and sections without one. */
  private List<CorrelationFigures> figures(
      Model model, SentenceOptions options, Progress progress, Cancel cancel) {
    var all = new ArrayList<CorrelationFigures>();
    var sets = new ArrayList<CorrelationFigures>();
    var seeds = new SplittableRandom(options.seed());
    int from = 0;
    int taskFrom = 0;
    List<Section> sections = set.sections();
    for (int s = 0; s < sections.size(); s++) {
      Section section = sections.get(s);
      String task = section.task();
      boolean begins = s == 0 || !sections.get(s - 1).task().equals(task);
      boolean ends = s + 1 == sections.size() || !sections.get(s + 1).task().equals(task);
      int to = from + section.pairs().size();
      taskFrom = begins ? from : taskFrom;
      progress.update("resampling", s, sections.size());
      List<CorrelationFigures> own =
          figures(model, new Part(section.name(), from, to), options, seeds.nextLong(), cancel);
      all.addAll(own);
      if (task.isEmpty()) {
        sets.addAll(own);
      } else if (ends) {
        List<CorrelationFigures> together =
            figures(model, new Part(task, taskFrom, to), options, seeds.nextLong(), cancel);
        all.addAll(together);
        sets.addAll(together);
      }
      from = to;
    }
    if (sets.size() > model.layers.size()) {
      for (String layer : model.layers) {
        List<CorrelationFigures> ofLayer =
            sets.stream().filter(f -> f.layer().equals(layer)).toList();
        all.add(CorrelationFigures.mean(SentencePairs.MEAN, layer, ofLayer));
      }
    }
    return all;
  }

  private List<CorrelationFigures> figures(
      Model model, Part part, SentenceOptions options, long seed, Cancel cancel) {
    var figures = new ArrayList<CorrelationFigures>();
    for (int layer = 0; layer < model.layers.size(); layer++) {
      double[] cosines = model.cosines.get(layer);
      int[] scored =
          IntStream.range(part.from, part.to).filter(i -> !Double.isNaN(cosines[i])).toArray();
      figures.add(
          CorrelationFigures.of(
              part.name,
              model.layers.get(layer),
              Arrays.stream(scored).mapToDouble(i -> pairs.get(i).score()).toArray(),
              Arrays.stream(scored).mapToDouble(i -> cosines[i]).toArray(),
              part.to - part.from,
              options.resamples(),
              seed,
              cancel));
    }
    return figures;
  }
}
