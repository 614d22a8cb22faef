package io.polyseme.train.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.carrotsearch.hppc.LongArrayList;
import io.polyseme.model.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Contrast without labels: a word in a text is to be nearer to itself, seen through another dropout
 * and another masking, than to the other words of the batch (MirrorWiC, Liu et al. 2021), or to
 * itself in another sentence of the same passage (one sense per discourse: Gale, Church and
 * Yarowsky 1992); a sentence vector is to be nearer to itself likewise (SimCSE, Gao et al. 2021).
 * Besides masked words can be predicted, and the sentence vectors of the model as it was can be
 * stayed near.
 */
final class ContrastObjective implements Objective {
  private static final float EPSILON = 1e-12f;

  private final ContextTexts texts;
  private final AdaptOptions options;
  private final Special special;
  private final Pooling pooling;
  private final Network before;
  private final List<Integer> layers;

  /**
   * The tokens that stand for none of a text.
   *
   * @param first of a text
   * @param last of a text
   * @param mask null where there is none, and then nothing is masked
   */
  record Special(int first, int last, int padding, @Nullable Integer mask) {}

  /**
   * First views, second ones, and the first again where they are needed, as the network sees them.
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Views(
      int tokens,
      long[] ids,
      float[] padding,
      float[] words,
      float[] whole,
      long[] hidden,
      long[] stood) {}

  /**
   * @param before the model as it was, which is not trained
   */
  ContrastObjective(
      ContextTexts texts, AdaptOptions options, Special special, Pooling pooling, Network before) {
    this.texts = texts;
    this.options = options;
    this.special = special;
    this.pooling = pooling;
    this.before = before;
    this.layers = options.wordLayers(before.shape().layers());
  }

  @Override
  public int tokensPerStep() {
    return blocks() * options.batch() * options.length();
  }

  @Override
  public NDArray loss(Network network, int step, NDManager manager) {
    var random = new SplittableRandom(options.seed() * 0x9E3779B97F4A7C15L + step);
    int different = options.batch() / options.contexts();
    List<ContextTexts.Pair> pairs = texts.draw(different, options.contexts(), discourse(), random);
    int count = pairs.size();
    var cuts = new ArrayList<Cut>();
    pairs.forEach(pair -> cuts.add(cut(pair.first())));
    pairs.forEach(pair -> cuts.add(cut(pair.second())));
    if (blocks() == 3) {
      cuts.addAll(cuts.subList(0, count));
    }
    Views views = views(cuts, random);
    long rows = cuts.size();
    NDArray padding = manager.create(views.padding, new Shape(rows, 1, 1, views.tokens));
    NDArray ids = manager.create(views.ids, new Shape(rows, views.tokens));
    List<NDArray> states = network.states(ids, padding, (float) options.dropout());
    var terms = new NDList();
    if (options.words() > 0) {
      NDArray pool = manager.create(views.words, new Shape(rows, 1, views.tokens));
      NDList words = apart(unit(pool.matMul(mean(states)).squeeze(1)), count);
      terms.add(
          Network.scaled(contrast(words.get(0), words.get(1), count, manager), options.words()));
    }
    if (options.sentences() > 0 || options.keep() > 0) {
      NDArray pool = manager.create(views.whole, new Shape(rows, 1, views.tokens));
      NDList whole = apart(unit(pool.matMul(states.getLast()).squeeze(1)), count);
      if (options.sentences() > 0) {
        NDArray again = whole.get(blocks() - 1);
        terms.add(
            Network.scaled(contrast(whole.get(0), again, count, manager), options.sentences()));
      }
      if (options.keep() > 0) {
        NDArray moved = moved(whole.get(0), cuts.subList(0, count), views.tokens, manager);
        terms.add(Network.scaled(moved, options.keep()));
      }
    }
    if (options.masked() > 0 && views.hidden.length > 0) {
      NDArray flat = states.getLast().reshape(-1, network.shape().dimension());
      NDArray at = manager.create(views.hidden, new Shape(views.hidden.length));
      NDArray logs = network.logits(flat.get(at)).logSoftmax(-1);
      NDArray words = manager.create(views.stood, new Shape(views.stood.length, 1));
      terms.add(Network.scaled(logs.gather(words, 1).mean(), -options.masked()));
    }
    NDArray sum = terms.get(0);
    for (int i = 1; i < terms.size(); i++) {
      sum = sum.add(terms.get(i));
    }
    return sum;
  }

  private double discourse() {
    return options.words() > 0 ? options.discourse() : 0;
  }

  /** A sentence is contrasted with itself: once more where a word is seen again in another one. */
  private int blocks() {
    return options.sentences() > 0 && discourse() > 0 ? 3 : 2;
  }

  private NDList apart(NDArray rows, int count) {
    return rows.split(blocks() == 3 ? new long[] {count, 2L * count} : new long[] {count});
  }

  /** The mean of the layers that a word's vector is of. */
  private NDArray mean(List<NDArray> states) {
    NDArray sum = states.get(layers.getFirst());
    for (int layer : layers.subList(1, layers.size())) {
      sum = sum.add(states.get(layer));
    }
    return Network.scaled(sum, 1.0 / layers.size());
  }

  private static NDArray unit(NDArray rows) {
    return rows.div(rows.square().sum(new int[] {1}, true).add(EPSILON).sqrt());
  }

  /** InfoNCE, both ways: each row of one against all of the other. */
  private NDArray contrast(NDArray one, NDArray other, int count, NDManager manager) {
    NDArray scores = Network.scaled(one.matMul(other.transpose()), 1 / options.temperature());
    NDArray right = manager.eye(count);
    NDArray there = scores.logSoftmax(1).mul(right).sum();
    NDArray back = scores.logSoftmax(0).mul(right).sum();
    return Network.scaled(there.add(back), -0.5 / count);
  }

  /** One less the cosine of the first views' sentence vectors with those made before. */
  private NDArray moved(NDArray whole, List<Cut> cuts, int tokens, NDManager manager) {
    int count = cuts.size();
    var ids = new long[count * tokens];
    var padding = new float[count * tokens];
    var pool = new float[count * tokens];
    for (int i = 0; i < count; i++) {
      fill(cuts.get(i), i, tokens, ids, padding, pool);
    }
    NDArray states =
        before
            .states(
                manager.create(ids, new Shape(count, tokens)),
                manager.create(padding, new Shape(count, 1, 1, tokens)),
                0)
            .getLast();
    NDArray vectors =
        unit(manager.create(pool, new Shape(count, 1, tokens)).matMul(states).squeeze(1));
    return Network.scaled(whole.mul(vectors).sum(), -1.0 / count).add(1f);
  }

  /** A text around a word that has room. */
  private record Cut(int[] sentence, int start, int length, int from, int to) {}

  private Cut cut(ContextTexts.Place place) {
    int room = options.length() - 2;
    int length = Math.min(room, place.sentence().length);
    int middle = (place.from() + place.to()) / 2;
    int start = Math.clamp(middle - length / 2, 0, place.sentence().length - length);
    return new Cut(
        place.sentence(),
        start,
        length,
        Math.max(0, place.from() - start),
        Math.min(length, place.to() - start));
  }

  private void fill(Cut cut, int row, int tokens, long[] ids, float[] padding, float[] whole) {
    int at = row * tokens;
    ids[at] = special.first;
    for (int i = 0; i < cut.length; i++) {
      ids[at + 1 + i] = cut.sentence[cut.start + i];
    }
    ids[at + 1 + cut.length] = special.last;
    int real = cut.length + 2;
    for (int i = 0; i < tokens; i++) {
      if (i >= real) {
        ids[at + i] = special.padding;
        padding[at + i] = -1e9f;
      } else if (pooling != Pooling.CLS) {
        whole[at + i] = 1f / real;
      }
    }
    if (pooling == Pooling.CLS) {
      whole[at] = 1;
    }
  }

  private Views views(List<Cut> cuts, SplittableRandom random) {
    int tokens = 2 + cuts.stream().mapToInt(Cut::length).max().orElseThrow();
    int rows = cuts.size();
    var ids = new long[rows * tokens];
    var padding = new float[ids.length];
    var words = new float[ids.length];
    var whole = new float[ids.length];
    var hidden = new LongArrayList();
    var stood = new LongArrayList();
    for (int row = 0; row < rows; row++) {
      Cut cut = cuts.get(row);
      fill(cut, row, tokens, ids, padding, whole);
      int at = row * tokens + 1;
      for (int i = cut.from; i < cut.to; i++) {
        words[at + i] = 1f / (cut.to - cut.from);
      }
      for (int i = 0; special.mask != null && i < cut.length; i++) {
        boolean target = i >= cut.from && i < cut.to;
        if (!target && random.nextDouble() < options.hidden()) {
          hidden.add(at + i);
          stood.add(ids[at + i]);
          ids[at + i] = special.mask;
        }
      }
    }
    return new Views(tokens, ids, padding, words, whole, hidden.toArray(), stood.toArray());
  }
}
