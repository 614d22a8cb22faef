package io.polyseme.insight.heads;

import io.polyseme.Cancel;
import io.polyseme.Intervals;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.Replacement;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.insight.SenseLayers.Example;
import io.polyseme.vector.RandomOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes parts out of a model, one at a time, and measures what is different for a word: how far its
 * hidden state moves, how many of its usages are still rightly told, and whether their neighbours
 * are still the same (head ablation as of Michel, Levy and Neubig 2019, "Are Sixteen Heads Really
 * Better than One?").
 *
 * <p>Senses are learned anew without the part, and told without it: what is measured is whether
 * what is left can still tell them, and not whether it looks as it did before.
 *
 * <p>Thread-safe; to be used while the encoder is open.
 */
public final class Ablation {
  private final Inside inside;
  private final AblationOptions options;

  public Ablation(Inside inside, AblationOptions options) {
    this.inside = inside;
    this.options = options;
  }

  /**
   * What the outputs of parts become when they are taken out: to be given to {@link
   * io.polyseme.encoder.ActivationRequest#withReplaced}, whatever is measured then.
   *
   * @param means of the values at the parts' taps; an empty map for zeros
   * @param parts of different values, or heads of one layer
   */
  public static Map<Tap, Replacement> replacements(
      Map<Tap, float[]> means, List<ModelPart> parts, int dimension) {
    Map<Tap, Replacement> replaced = new HashMap<>();
    for (ModelPart part : parts) {
      float[] mean = means.getOrDefault(part.tap(), new float[0]);
      replaced.merge(part.tap(), part.replacement(mean, dimension), Ablation::both);
    }
    return replaced;
  }

  private static Replacement both(Replacement one, Replacement other) {
    int width = Math.max(one.keep().length, other.keep().length);
    var keep = new float[width];
    var add = new float[width];
    for (int i = 0; i < width; i++) {
      float second = other.keep()[Math.min(i, other.keep().length - 1)];
      keep[i] = one.keep()[Math.min(i, one.keep().length - 1)] * second;
      add[i] =
          one.add()[Math.min(i, one.add().length - 1)] * second
              + other.add()[Math.min(i, other.add().length - 1)];
    }
    return new Replacement(keep, add);
  }

  /**
   * Means of what parts say, over all tokens of texts.
   *
   * @throws PolysemeException if the graph hides one of the values, or the model fails
   */
  public Map<Tap, float[]> means(List<TokenisedText> texts, List<ModelPart> parts, Cancel cancel) {
    Set<Tap> taps = new HashSet<>();
    parts.forEach(part -> taps.add(part.tap()));
    return PlacedStates.means(inside, texts, taps, cancel);
  }

  /**
   * Measures each part.
   *
   * @param learned usages of at least two senses
   * @param told other usages, of senses among those; usages of others are left out
   * @param parts in no layer beyond the one that is looked at
   * @throws PolysemeException if there are too few, or the model fails
   * @throws io.polyseme.CancelledException if cancelled
   */
  public AblationReport of(
      List<Example> learned,
      List<Example> told,
      List<ModelPart> parts,
      Progress progress,
      Cancel cancel) {
    int layer = options.layer() < 0 ? inside.layers() : options.layer();
    var warnings = new ArrayList<String>();
    Sample from = sample(learned, options.examples(), null, warnings);
    // A sense whose usages are all longer than the window has nothing to be told by.
    List<Example> readable =
        learned.stream().filter(e -> from.counts().getOrDefault(e.sense(), 0) > 0).toList();
    if (readable.size() < learned.size()
        && !readable.isEmpty()
        && readable.stream().map(Example::sense).distinct().count() < from.senses.size()) {
      return of(readable, told, parts, progress, cancel);
    }
    if (from.senses.size() < 2) {
      throw new PolysemeException(
          "there are usages of %d senses, and telling senses apart takes two"
              .formatted(from.senses.size()));
    }
    Sample asked = sample(told, options.texts(), from.senses, warnings);
    if (asked.places.isEmpty()) {
      throw new PolysemeException("there are no usages to tell, of the senses that were learned");
    }
    Map<Tap, float[]> means =
        options.replacement() == AblationOptions.Removal.ZERO
            ? Map.of()
            : means(from.places.stream().map(PlacedStates.Place::text).toList(), parts, cancel);
    SenseTold before = told(from, asked, layer, Map.of(), cancel);
    int[][] resamples = resamples(asked.of);
    int[] once = new int[asked.of.length];
    Arrays.fill(once, 1);
    var ablated = new ArrayList<AblatedPart>();
    // Parts of one kind after another: they share a session.
    var order = new ArrayList<>(parts);
    order.sort(Comparator.comparing(part -> part.getClass().getName()));
    for (ModelPart part : order) {
      Map<Tap, Replacement> replaced =
          replacements(means, List.of(part), inside.info().dimension());
      SenseTold after = told(from, asked, layer, replaced, cancel);
      var drops = new double[resamples.length];
      var marginDrops = new double[resamples.length];
      for (int r = 0; r < resamples.length; r++) {
        drops[r] = before.accuracy(resamples[r]) - after.accuracy(resamples[r]);
        marginDrops[r] = before.margin(resamples[r]) - after.margin(resamples[r]);
      }
      ablated.add(
          new AblatedPart(
              part,
              before.distance(after),
              after.accuracy(once),
              before.accuracy(once) - after.accuracy(once),
              Intervals.percentile(drops),
              after.margin(once),
              before.margin(once) - after.margin(once),
              Intervals.percentile(marginDrops),
              before.changed(after)));
      progress.update("taking parts out", ablated.size(), parts.size());
    }
    ablated.sort(Comparator.comparingDouble(AblatedPart::marginDrop).reversed());
    return new AblationReport(
        layer,
        from.counts(),
        asked.counts(),
        before.accuracy(once),
        before.margin(once),
        ablated,
        warnings);
  }

  /**
   * @param of the sense of each, by its number
   */
  private record Sample(List<PlacedStates.Place> places, int[] of, List<String> senses) {
    Map<String, Integer> counts() {
      Map<String, Integer> counts = new TreeMap<>();
      for (int sense : of) {
        counts.merge(senses.get(sense), 1, Integer::sum);
      }
      return counts;
    }
  }

  /**
   * @param known the senses that count; null for all, sorted
   */
  private Sample sample(
      List<Example> usages, int most, @Nullable List<String> known, List<String> warnings) {
    Map<String, List<Example>> bySense = new TreeMap<>();
    usages.forEach(u -> bySense.computeIfAbsent(u.sense(), _ -> new ArrayList<>()).add(u));
    List<String> senses = known == null ? List.copyOf(bySense.keySet()) : known;
    var places = new ArrayList<PlacedStates.Place>();
    var of = new ArrayList<Integer>();
    int left = 0;
    var random = new SplittableRandom(options.seed());
    for (int sense = 0; sense < senses.size(); sense++) {
      List<Example> all = bySense.getOrDefault(senses.get(sense), List.of());
      for (int i : RandomOrder.sampled(all.size(), Math.min(most, all.size()), random)) {
        List<TokenisedText> pieces =
            inside.tokeniseInPieces(all.get(i).text(), inside.info().window());
        if (pieces.size() > 1) {
          left++;
          continue;
        }
        places.add(PlacedStates.Place.of(pieces.getFirst(), all.get(i).span()));
        of.add(sense);
      }
    }
    if (left > 0) {
      warnings.add(
          "%d texts do not fit the window of %d tokens and are left out"
              .formatted(left, inside.info().window()));
    }
    return new Sample(places, of.stream().mapToInt(i -> i).toArray(), senses);
  }

  private SenseTold told(
      Sample from, Sample asked, int layer, Map<Tap, Replacement> replaced, Cancel cancel) {
    var all = new ArrayList<>(from.places);
    all.addAll(asked.places);
    float[][][] states = PlacedStates.of(inside, all, List.of(layer), replaced, cancel)[0];
    var flat = new float[states.length][];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = states[i][0];
    }
    int split = from.places.size();
    return new SenseTold(
        Arrays.copyOf(flat, split),
        from.of,
        Arrays.copyOfRange(flat, split, flat.length),
        asked.of,
        from.senses.size(),
        options.neighbours());
  }

  /** How often each usage is drawn, sense by sense as many as there are. */
  private int[][] resamples(int[] senses) {
    var random = new SplittableRandom(options.seed());
    var bySense = new TreeMap<Integer, List<Integer>>();
    for (int i = 0; i < senses.length; i++) {
      bySense.computeIfAbsent(senses[i], _ -> new ArrayList<>()).add(i);
    }
    var resamples = new int[options.resamples()][senses.length];
    for (int[] times : resamples) {
      for (List<Integer> of : bySense.values()) {
        for (int draw = 0; draw < of.size(); draw++) {
          times[of.get(random.nextInt(of.size()))]++;
        }
      }
    }
    return resamples;
  }
}
