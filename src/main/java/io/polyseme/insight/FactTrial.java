package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.Intervals;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.Replacement;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.insight.FactScore.Probe;
import io.polyseme.insight.FactScore.Removed;
import io.polyseme.insight.FactScore.Told;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Where an encoder has facts from: the text, through attention, or its own weights, through the
 * feed-forward layers. The same probe is read after the true fact, after a wrong one, after the
 * fact of another pair, and alone, and the model has its attention to the fact, its attention
 * layers or its feed-forward layers taken out (attention knockout as of Geva, Bastings, Filippova
 * and Globerson 2023, "Dissecting Recall of Factual Associations in Auto-Regressive Language
 * Models").
 *
 * <p>Thread-safe; to be used while the encoder is open.
 */
public final class FactTrial {
  /** Added to the scores of keys that are not to be looked at: nothing is left by the softmax. */
  private static final float UNSEEN = -10_000;

  private final Inside inside;
  private final FactTexts texts;

  public FactTrial(Inside inside, FactTexts texts) {
    this.inside = inside;
    this.texts = texts;
  }

  /** A probe as it is given to the model. */
  private record Asked(PlacedStates.Place place, int factFrom, int factTo) {}

  /**
   * Measures all of it, at all layers.
   *
   * @param pairs at least three, none of a subject or object of another
   * @throws PolysemeException if there are fewer, or the graph hides what is to be taken out
   * @throws io.polyseme.CancelledException if cancelled
   */
  public List<FactScore> score(List<FactPair> pairs, Progress progress, Cancel cancel) {
    if (pairs.size() < 3) {
      throw new PolysemeException(
          "%d pairs are too few to tell their objects apart".formatted(pairs.size()));
    }
    Map<Told, List<Asked>> asked = new LinkedHashMap<>();
    for (Told told : Told.values()) {
      asked.put(
          told, IntStream.range(0, pairs.size()).mapToObj(i -> asked(told, pairs, i)).toList());
    }
    List<PlacedStates.Place> objects =
        pairs.stream()
            .map(pair -> texts.ofObject(pair.object()))
            .map(made -> PlacedStates.Place.of(inside.tokenise(made.text()), made.subject()))
            .toList();
    Map<Tap, float[]> means = means(asked, objects, cancel);
    List<Integer> layers = IntStream.rangeClosed(0, inside.layers()).boxed().toList();
    var scores = new ArrayList<FactScore>();
    int done = 0;
    for (Removed removed : Removed.values()) {
      Map<Tap, Replacement> replaced = replaced(removed, means);
      float[][][] ofObjects = PlacedStates.of(inside, objects, layers, replaced, cancel)[0];
      for (Told told : Told.values()) {
        if (removed != Removed.ATTENTION_TO_FACT || told != Told.NOTHING) {
          List<Asked> of = asked.get(told);
          float[][][][] states =
              removed == Removed.ATTENTION_TO_FACT
                  ? unseen(of, layers, cancel)
                  : PlacedStates.of(inside, places(of), layers, replaced, cancel);
          for (Probe probe : Probe.values()) {
            for (int layer : layers) {
              scores.add(score(told, removed, probe, layer, states[probe.ordinal()], ofObjects));
            }
          }
        }
        progress.update("taking parts out", ++done, Removed.values().length * Told.values().length);
      }
    }
    return scores;
  }

  private Asked asked(Told told, List<FactPair> pairs, int i) {
    FactPair pair = pairs.get(i);
    FactPair next = pairs.get(stated(told, i, pairs.size()));
    FactTexts.Made made =
        switch (told) {
          case NOTHING -> texts.alone(pair.subject());
          case FACT -> texts.after(pair.subject(), pair.object(), pair.subject());
          case WRONG -> texts.after(pair.subject(), next.object(), pair.subject());
          case OTHER -> texts.after(next.subject(), next.object(), pair.subject());
        };
    TokenisedText text = inside.tokenise(made.text());
    int from = -1;
    int to = -1;
    if (made.fact().length() > 0) {
      Unit fact = SenseLayers.unit(text, made.fact());
      from = fact.from();
      to = fact.to();
    }
    return new Asked(PlacedStates.Place.of(text, made.subject(), made.word()), from, to);
  }

  /** The number of the pair whose object the text states. */
  private static int stated(Told told, int i, int count) {
    return told == Told.WRONG || told == Told.OTHER ? (i + 1) % count : i;
  }

  private static List<PlacedStates.Place> places(List<Asked> asked) {
    return asked.stream().map(Asked::place).toList();
  }

  private Map<Tap, float[]> means(
      Map<Told, List<Asked>> asked, List<PlacedStates.Place> objects, Cancel cancel) {
    Set<Tap> taps = new HashSet<>();
    for (int layer = 1; layer <= inside.layers(); layer++) {
      taps.add(new Tap.AttentionOutput(layer));
      taps.add(new Tap.FeedForwardOutput(layer));
    }
    var all = new ArrayList<TokenisedText>();
    asked.values().forEach(list -> list.forEach(a -> all.add(a.place.text())));
    objects.forEach(place -> all.add(place.text()));
    return PlacedStates.means(inside, all, taps, cancel);
  }

  private Map<Tap, Replacement> replaced(Removed removed, Map<Tap, float[]> means) {
    int half = inside.layers() / 2;
    int from =
        switch (removed) {
          case LATE_ATTENTION, LATE_FEED_FORWARD -> half + 1;
          default -> 1;
        };
    int to =
        switch (removed) {
          case NOTHING, ATTENTION_TO_FACT -> 0;
          case EARLY_ATTENTION, EARLY_FEED_FORWARD -> half;
          default -> inside.layers();
        };
    var parts = new ArrayList<ModelPart>();
    for (int layer = from; layer <= to; layer++) {
      boolean attention =
          removed == Removed.ATTENTION
              || removed == Removed.EARLY_ATTENTION
              || removed == Removed.LATE_ATTENTION;
      parts.add(
          attention ? new ModelPart.AttentionLayer(layer) : new ModelPart.FeedForwardLayer(layer));
    }
    return Ablation.replacements(means, parts, inside.info().dimension());
  }

  /**
   * The states where nothing looks at the fact; texts in which it is of the same tokens together.
   */
  private float[][][][] unseen(List<Asked> asked, List<Integer> layers, Cancel cancel) {
    Map<List<Integer>, List<Integer>> alike = new LinkedHashMap<>();
    for (int i = 0; i < asked.size(); i++) {
      Asked one = asked.get(i);
      alike
          .computeIfAbsent(
              List.of(one.place.text().count(), one.factFrom, one.factTo), _ -> new ArrayList<>())
          .add(i);
    }
    var states = new float[Probe.values().length][asked.size()][][];
    alike.forEach(
        (shape, which) -> {
          var keep = new float[] {1};
          var add = new float[shape.get(0)];
          for (int token = shape.get(1); token < shape.get(2); token++) {
            add[token] = UNSEEN;
          }
          Map<Tap, Replacement> replaced = new HashMap<>();
          for (int layer = 1; layer <= inside.layers(); layer++) {
            replaced.put(new Tap.Scores(layer), new Replacement(keep, add));
          }
          float[][][][] of =
              PlacedStates.of(
                  inside,
                  which.stream().map(i -> asked.get(i).place).toList(),
                  layers,
                  replaced,
                  cancel);
          for (int probe = 0; probe < of.length; probe++) {
            for (int i = 0; i < which.size(); i++) {
              states[probe][which.get(i)] = of[probe][i];
            }
          }
        });
    return states;
  }

  private static FactScore score(
      Told told, Removed removed, Probe probe, int layer, float[][][] states, float[][][] objects) {
    float[][] asked = centred(states, layer);
    float[][] answers = centred(objects, layer);
    int count = asked.length;
    int right = 0;
    int stated = 0;
    double rightRank = 0;
    double statedRank = 0;
    for (int i = 0; i < count; i++) {
      var cosines = new double[count];
      for (int j = 0; j < count; j++) {
        cosines[j] = Vectors.cosine(asked[i], answers[j]);
      }
      int rank = rank(cosines, i);
      right += rank == 1 ? 1 : 0;
      rightRank += 1.0 / rank / count;
      int ofStated = rank(cosines, stated(told, i, count));
      stated += ofStated == 1 ? 1 : 0;
      statedRank += 1.0 / ofStated / count;
    }
    Intervals.Interval rightInterval = Intervals.wilson(right, count);
    Intervals.Interval statedInterval =
        told == Told.NOTHING ? Intervals.Interval.NONE : Intervals.wilson(stated, count);
    return new FactScore(
        told,
        removed,
        probe,
        layer,
        (double) right / count,
        rightInterval.low(),
        rightInterval.high(),
        rightRank,
        told == Told.NOTHING ? Double.NaN : (double) stated / count,
        statedInterval.low(),
        statedInterval.high(),
        told == Told.NOTHING ? Double.NaN : statedRank);
  }

  /** From 1; whatever is as near counts before. */
  private static int rank(double[] cosines, int of) {
    int rank = 1;
    for (int j = 0; j < cosines.length; j++) {
      rank += j != of && cosines[j] >= cosines[of] ? 1 : 0;
    }
    return rank;
  }

  private static float[][] centred(float[][][] states, int layer) {
    int dimension = states[0][layer].length;
    var mean = new float[dimension];
    for (float[][] state : states) {
      Vectors.addScaled(mean, state[layer], 1f / states.length);
    }
    var centred = new float[states.length][];
    for (int i = 0; i < centred.length; i++) {
      centred[i] = states[i][layer].clone();
      Vectors.addScaled(centred[i], mean, -1);
    }
    return centred;
  }
}
