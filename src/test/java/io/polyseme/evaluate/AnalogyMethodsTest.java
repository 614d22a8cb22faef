package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.analogy.Relation;
import io.polyseme.evaluate.AnalogyQuestions.Question;
import io.polyseme.evaluate.AnalogyQuestions.Section;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every method against the formula of its paper, word by word and in doubles. */
@Timeout(120)
class AnalogyMethodsTest {
  private static final long SEED = 20161211;

  private static final List<AnalogyMethod> ALL = List.of(AnalogyMethod.values());

  /** Words w0 to wN, of which every fifth is also there with a capital, and one is zero. */
  private static NaiveSpace space(Random random, int words, int dimension) {
    var space = new NaiveSpace();
    for (int i = 0; i < words; i++) {
      space.with("w" + i, vector(random, dimension));
      if (i % 5 == 0) {
        float[] near = space.vector("w" + i).get();
        near[0] += 0.1f;
        space.with("W" + i, near);
      }
    }
    return space.with("zero", new float[dimension]);
  }

  private static float[] vector(Random random, int dimension) {
    var vector = new float[dimension];
    for (int j = 0; j < dimension; j++) {
      vector[j] = (float) random.nextGaussian();
    }
    return vector;
  }

  private static Map<AnalogyMethod, Evaluation> score(
      AnalogyQuestions set, NaiveSpace space, AnalogyOptions options) {
    return set.score(
        LabelledRows.of(space, space.labels()), options, Progress.NONE, Cancel.create());
  }

  @Test
  void answerAsTheirFormulasDo() {
    var random = new Random(SEED);
    for (int round = 0; round < 4; round++) {
      NaiveSpace space = space(random, 300 + random.nextInt(400), 6 + random.nextInt(20));
      AnalogyOptions options =
          AnalogyOptions.DEFAULT
              .withMethods(ALL)
              .withSpelling(round % 2 == 0 ? Spelling.FOLDED : Spelling.AS_WRITTEN)
              .withThreads(1 + round % 3)
              .withSeed(round);
      var naive = new Naive(space, options);
      var sections = new ArrayList<Section>();
      for (int s = 0; s < 3; s++) {
        var questions = new ArrayList<Question>();
        for (int i = 0; i < 12; i++) {
          String a = (random.nextInt(3) == 0 ? "W" : "w") + random.nextInt(320);
          String b = "w" + random.nextInt(280);
          String c = random.nextInt(15) == 0 ? "zero" : "w" + random.nextInt(320);
          questions.add(new Question(a, b, c, "w" + random.nextInt(300)));
          for (AnalogyMethod method : ALL.subList(0, 5)) {
            // What is right by a method, now first, now later, so that all figures vary.
            int rank = random.nextInt(7);
            naive
                .answers(method, a, b, c)
                .ifPresent(answers -> questions.add(new Question(a, b, c, answers.get(rank))));
          }
        }
        sections.add(new Section("s" + s, questions));
      }
      var set = new AnalogyQuestions(sections);
      Map<AnalogyMethod, Evaluation> scored = score(set, space, options);
      assertEquals(new HashSet<>(ALL), scored.keySet());
      for (AnalogyMethod method : ALL) {
        for (int s = 0; s < sections.size(); s++) {
          String where = "seed %d, round %d, %s, section %d".formatted(SEED, round, method, s);
          int[] counts = naive.counts(method, sections.get(s), s);
          Evaluation evaluation = scored.get(method);
          String name = sections.get(s).name();
          Score accuracy = evaluation.score(name, AnalogyQuestions.ACCURACY);
          assertEquals(counts[0], accuracy.n(), where);
          assertEquals(counts[1], Math.round(accuracy.value() * counts[0]), where);
          Score kept = evaluation.score(name, AnalogyQuestions.INPUTS_KEPT);
          assertEquals(counts[2], Math.round(kept.value() * counts[0]), where);
          Score top = evaluation.score(name, AnalogyQuestions.TOP_5);
          assertEquals(counts[3], Math.round(top.value() * counts[0]), where);
        }
        if (!method.learned()) {
          Score total = scored.get(method).score("total", AnalogyQuestions.TOP_5);
          assertTrue(total.value() > 0.1, method + " has something to find: " + total);
        }
      }
      assertEquals(scored, score(set, space, options.withThreads(2)), "threads change nothing");
    }
  }

  /** The obvious way. */
  private static final class Naive {
    private final NaiveSpace space;
    private final AnalogyOptions options;
    private final Spelling spelling;
    private final Map<String, double[]> units = new HashMap<>();

    Naive(NaiveSpace space, AnalogyOptions options) {
      this.space = space;
      this.options = options;
      this.spelling = options.spelling();
      space.labels().forEach(label -> units.put(label, unit(space.vector(label).get())));
    }

    private Optional<double[]> unit(String word) {
      return Optional.ofNullable(units.getOrDefault(word, units.get(key(word))))
          .filter(u -> dot(u, u) > 0);
    }

    private String key(String word) {
      return spelling == Spelling.FOLDED ? word.toLowerCase(Locale.ROOT) : word;
    }

    private static double[] unit(float[] vector) {
      var unit = new double[vector.length];
      double squares = 0;
      for (float x : vector) {
        squares += (double) x * x;
      }
      for (int j = 0; j < unit.length; j++) {
        unit[j] = squares == 0 ? 0 : vector[j] / Math.sqrt(squares);
      }
      return unit;
    }

    private static double dot(double[] a, double[] b) {
      double sum = 0;
      for (int j = 0; j < a.length; j++) {
        sum += a[j] * b[j];
      }
      return sum;
    }

    private static double[] minus(double[] a, double[] b) {
      var difference = new double[a.length];
      for (int j = 0; j < a.length; j++) {
        difference[j] = a[j] - b[j];
      }
      return difference;
    }

    private static double cosine(double[] a, double[] b) {
      return dot(a, b) / Math.sqrt(Math.max(dot(a, a) * dot(b, b), 1e-12));
    }

    /** All labels by a score, as keys. */
    private List<String> ranked(ToDoubleFunction<double[]> score) {
      Map<String, Double> scores = new HashMap<>();
      for (String label : space.labels()) {
        scores.put(label, score.applyAsDouble(units.get(label)));
      }
      return space.labels().stream()
          .sorted(
              Comparator.<String>comparingDouble(l -> -scores.get(l))
                  .thenComparing(Comparator.naturalOrder()))
          .map(this::key)
          .toList();
    }

    /** With the inputs; empty where one is not known. */
    private Optional<List<String>> rankedFor(AnalogyMethod method, String a, String b, String c) {
      Optional<double[]> ofA = unit(a);
      Optional<double[]> ofB = unit(b);
      Optional<double[]> ofC = unit(c);
      if (ofA.isEmpty() || ofB.isEmpty() || ofC.isEmpty()) {
        return Optional.empty();
      }
      double[] va = ofA.get();
      double[] vb = ofB.get();
      double[] vc = ofC.get();
      return Optional.of(
          ranked(
              switch (method) {
                case COS_ADD -> x -> dot(x, vb) - dot(x, va) + dot(x, vc);
                case COS_MUL ->
                    x ->
                        (1 + dot(x, vb))
                            / 2
                            * (1 + dot(x, vc))
                            / 2
                            / ((1 + dot(x, va)) / 2 + 0.001);
                case PAIR_DIRECTION ->
                    x ->
                        dot(minus(x, vc), minus(vb, va))
                            / Math.sqrt(Math.max(2 - 2 * dot(x, vc), 1e-6));
                case SIMILAR_TO_B -> x -> dot(x, vc);
                case SIMILAR_TO_ANY -> x -> Math.max(dot(x, va), Math.max(dot(x, vb), dot(x, vc)));
                case COS_AVG, LR_COS -> throw new AssertionError();
              }));
    }

    Optional<List<String>> answers(AnalogyMethod method, String a, String b, String c) {
      Set<String> inputs = Set.copyOf(new HashSet<>(List.of(key(a), key(b), key(c))));
      return rankedFor(method, a, b, c)
          .map(r -> r.stream().filter(k -> !inputs.contains(k)).toList());
    }

    /** How many were scored, right, right with the inputs, right among five. */
    int[] counts(AnalogyMethod method, Section section, int number) {
      var counts = new int[4];
      if (method.learned()) {
        learned(method, section, number, counts);
        return counts;
      }
      for (Question q : section.questions()) {
        if (q.d().stream().anyMatch(d -> unit(d).isPresent())) {
          rankedFor(method, q.a(), q.b(), q.c())
              .ifPresent(r -> count(r, List.of(q.a(), q.b(), q.c()), q.d().getFirst(), counts));
        }
      }
      return counts;
    }

    private void count(List<String> ranked, List<String> inputs, String right, int[] counts) {
      List<String> keys = inputs.stream().map(this::key).toList();
      List<String> others = ranked.stream().filter(k -> !keys.contains(k)).limit(5).toList();
      counts[0]++;
      counts[1] += others.getFirst().equals(key(right)) ? 1 : 0;
      counts[2] += ranked.getFirst().equals(key(right)) ? 1 : 0;
      counts[3] += others.contains(key(right)) ? 1 : 0;
    }

    private void learned(AnalogyMethod method, Section section, int number, int[] counts) {
      Set<List<String>> pairs = new LinkedHashSet<>();
      for (Question q : section.questions()) {
        pairs.add(List.of(key(q.a()), key(q.b())));
        pairs.add(List.of(key(q.c()), key(q.d().getFirst())));
      }
      List<List<String>> known =
          pairs.stream().filter(p -> p.stream().allMatch(w -> unit(w).isPresent())).toList();
      Set<String> taken = new HashSet<>();
      known.forEach(taken::addAll);
      LabelledRows rows = LabelledRows.of(space, space.labels());
      List<float[]> others =
          Relation.randomWords(
              rows,
              rows.size(),
              known.size(),
              row -> !taken.contains(key(rows.label(row))),
              options.seed() + number);
      assertEquals(known.size(), others.size());
      for (List<String> asked : known) {
        List<Relation.Pair> examples =
            known.stream()
                .filter(p -> !p.get(0).equals(asked.get(0)) && !p.get(1).equals(asked.get(1)))
                .map(p -> new Relation.Pair(given(p.get(0)), given(p.get(1))))
                .toList();
        if (examples.isEmpty()) {
          continue;
        }
        double[] c = unit(asked.get(0)).get();
        ToDoubleFunction<double[]> score;
        if (method == AnalogyMethod.COS_AVG) {
          var target = c.clone();
          for (Relation.Pair pair : examples) {
            double[] offset = minus(unit(pair.target()), unit(pair.source()));
            for (int j = 0; j < target.length; j++) {
              target[j] += offset[j] / examples.size();
            }
          }
          score = x -> dot(x, target);
        } else {
          double[] w = naiveFit(examples, others);
          score =
              x -> dot(x, c) / (1 + Math.exp(-dot(Arrays.copyOf(w, x.length), x) - w[x.length]));
        }
        count(ranked(score), List.of(asked.get(0)), asked.get(1), counts);
      }
    }

    private float[] given(String word) {
      return space.vector(word).or(() -> space.vector(key(word))).get();
    }

    /** Logistic regression by plain Newton steps with a dense Hessian; the intercept is last. */
    private static double[] naiveFit(List<Relation.Pair> pairs, List<float[]> others) {
      var rows = new ArrayList<double[]>();
      pairs.forEach(p -> rows.add(unit(p.target())));
      pairs.forEach(p -> rows.add(unit(p.source())));
      others.forEach(o -> rows.add(unit(o)));
      int positives = pairs.size();
      int d = rows.getFirst().length + 1;
      var w = new double[d];
      for (int step = 0; step < 12; step++) {
        var system = new double[d][d + 1];
        for (int j = 0; j < d - 1; j++) {
          system[j][j] = 1;
          system[j][d] = -w[j];
        }
        for (int i = 0; i < rows.size(); i++) {
          double[] x = Arrays.copyOf(rows.get(i), d);
          x[d - 1] = 1;
          double weight = rows.size() / 2.0 / (i < positives ? positives : rows.size() - positives);
          double p = 1 / (1 + Math.exp(-dot(w, x)));
          for (int j = 0; j < d; j++) {
            system[j][d] -= weight * (p - (i < positives ? 1 : 0)) * x[j];
            for (int k = 0; k < d; k++) {
              system[j][k] += weight * p * (1 - p) * x[j] * x[k];
            }
          }
        }
        double[] move = solve(system);
        for (int j = 0; j < d; j++) {
          w[j] += move[j];
        }
      }
      return w;
    }

    /** Gauss and Jordan; the matrix is positive definite and needs no pivots. */
    private static double[] solve(double[][] system) {
      int d = system.length;
      for (int j = 0; j < d; j++) {
        for (int i = 0; i < d; i++) {
          double factor = i == j ? 0 : system[i][j] / system[j][j];
          for (int k = j; factor != 0 && k <= d; k++) {
            system[i][k] -= factor * system[j][k];
          }
        }
      }
      var solution = new double[d];
      for (int j = 0; j < d; j++) {
        solution[j] = system[j][d] / system[j][j];
      }
      return solution;
    }
  }

  /** Pairs s0:t0 ... whose last goes another way than the others: by itself it would be learned. */
  @Test
  void thePairThatIsAskedIsNotLearned() {
    var random = new Random(SEED);
    var space = new NaiveSpace();
    var questions = new ArrayList<Question>();
    for (int i = 0; i < 6; i++) {
      float[] source = vector(random, 12);
      float[] target = source.clone();
      target[i == 5 ? 1 : 0] += 4;
      space.with("s" + i, source).with("t" + i, target);
      questions.add(new Question("s0", "t0", "s" + i, "t" + i));
    }
    float[] tempting = space.vector("s5").get();
    tempting[0] += 4;
    space.with("tempting", tempting);
    for (int i = 0; i < 50; i++) {
      space.with("w" + i, vector(random, 12));
    }
    var set = new AnalogyQuestions(List.of(new Section("s", questions)));
    for (AnalogyMethod method : List.of(AnalogyMethod.COS_AVG, AnalogyMethod.LR_COS)) {
      Evaluation evaluation =
          score(set, space, AnalogyOptions.DEFAULT.withMethods(List.of(method))).get(method);
      Score score = evaluation.score("s", AnalogyQuestions.ACCURACY);
      assertEquals(6, score.n(), "a pair, not a question, is what counts");
      assertEquals(5 / 6.0, score.value(), 1e-12, method.toString());
      var pair = new Relation.Pair(space.vector("s5").get(), space.vector("t5").get());
      Relation own =
          method == AnalogyMethod.COS_AVG
              ? Relation.offset(List.of(pair))
              : Relation.targets(List.of(pair), List.of(tempting));
      LabelledRows rows = LabelledRows.of(space, space.labels());
      assertEquals(
          "t5",
          own.ask(rows, pair.source(), 1, l -> !l.equals("s5"), Cancel.create())
              .hits()
              .getFirst()
              .label(),
          "learned, it would be found");
    }
  }

  @Test
  void pairsThatShareATargetAreLeftOutToo() {
    var space =
        new NaiveSpace().with("a", 1, 0).with("b", 0.9f, 0.1f).with("t", 0, 1).with("x", 1, 1);
    var set =
        new AnalogyQuestions(List.of(new Section("s", List.of(new Question("a", "t", "b", "t")))));
    for (AnalogyMethod method : List.of(AnalogyMethod.COS_AVG, AnalogyMethod.LR_COS)) {
      Score score =
          score(set, space, AnalogyOptions.DEFAULT.withMethods(List.of(method)))
              .get(method)
              .score("s", AnalogyQuestions.ACCURACY);
      assertEquals(0, score.n(), "nothing is left to learn from");
      assertEquals(2, score.total());
    }
  }

  @Test
  void randomWordsAreDifferentAndOfTheSeed() {
    NaiveSpace space = space(new Random(3), 60, 4);
    LabelledRows rows = LabelledRows.of(space, space.labels());
    List<float[]> drawn = Relation.randomWords(rows, rows.size(), 1000, row -> row != 7, 5);
    assertEquals(rows.size() - 2, drawn.size(), "all but the one refused and the zero vector");
    assertEquals(drawn.size(), drawn.stream().map(Arrays::toString).distinct().count());
    assertTrue(drawn.stream().allMatch(v -> Vectors.squaredNorm(v) > 0));
    List<float[]> again = Relation.randomWords(rows, rows.size(), 9, row -> row != 7, 5);
    List<float[]> other = Relation.randomWords(rows, rows.size(), 9, row -> row != 7, 6);
    assertEquals(text(drawn.subList(0, 9)), text(again));
    assertNotEquals(text(again), text(other));
  }

  private static String text(List<float[]> vectors) {
    return vectors.stream().map(Arrays::toString).toList().toString();
  }
}
