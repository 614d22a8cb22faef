package io.polyseme.train.transformer;

import io.polyseme.encoder.graph.BertShape;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Attention that a network begins with: every other head looks at a neighbour. Places are waves, of
 * which that of another place is a turned one (Vaswani et al. 2017, "Attention Is All You Need",
 * section 3.5): a query that turns them and a key that does not meet where the distance is that of
 * the turn.
 *
 * <p>With places and heads at random, a small network spends eight million tokens of English on
 * which words go together before it finds out what stands beside what, which is what such heads are
 * found to do (Raganato et al. 2020, "Fixed Encoder Self-Attention Patterns in Transformer-Based
 * Machine Translation", fix them for good; here training goes on with them). The other heads begin
 * at random, and so with the mean of the text: where all look at neighbours, words are predicted no
 * better, and senses are told apart worse.
 */
final class FirstAttention {
  /** Distances that heads look at, one after the other. */
  private static final int[] BOTH_SIDES = {-1, 1, -2, 2};

  private static final int[] BEFORE = {-1, -2, -3, -4};

  /**
   * How sharply a head looks: with two fifths of its attention at its neighbour in a text of 128
   * random words, and nowhere else with more than a few hundredths.
   */
  private static final float SHARPNESS = 1.2f;

  private FirstAttention() {}

  /**
   * Writes places, and over random queries and keys adds what makes them look.
   *
   * @param seed of the waves
   * @param weights of a network, by the names of {@link BertShape#weights}
   */
  static void set(BertShape shape, long seed, Map<String, float[]> weights) {
    var random = new SplittableRandom(seed);
    int dimension = shape.dimension();
    double[] speeds = speeds(dimension / 2, wavesOfHead(shape), random);
    float[] places = weights.get(Network.PLACES);
    double size = Network.spread(dimension) * Math.sqrt(2); // as long as words
    for (int wave = 0; wave < speeds.length; wave++) {
      double start = 2 * Math.PI * random.nextDouble();
      for (int place = 0; place < shape.positions(); place++) {
        int at = place * dimension + 2 * wave;
        places[at] = (float) (size * Math.cos(start + speeds[wave] * place));
        places[at + 1] = (float) (size * Math.sin(start + speeds[wave] * place));
      }
    }
    int[] distances = shape.causal() ? BEFORE : BOTH_SIDES;
    for (int layer = 0; layer < shape.layers(); layer++) {
      String self = Network.LAYER + layer + ".attention.self.";
      float[] query = weights.get(self + "query.weight");
      float[] key = weights.get(self + "key.weight");
      for (int head = 0; head < shape.heads(); head++) {
        int number = layer * shape.heads() + head;
        if (number % 2 == 0) {
          look(shape, head, distances[number / 2 % distances.length], speeds, query, key);
        }
      }
    }
  }

  private static int wavesOfHead(BertShape shape) {
    return shape.dimension() / shape.heads() / 2;
  }

  /**
   * Radians a place, up to half a turn, spread evenly over a head's waves, each at random within
   * its share: whole turns that several waves make together would be places that a head mixes up.
   */
  private static double[] speeds(int waves, int ofHead, SplittableRandom random) {
    var speeds = new double[waves];
    for (int wave = 0; wave < waves; wave++) {
      speeds[wave] = Math.PI * (wave % ofHead + random.nextDouble()) / ofHead;
    }
    return speeds;
  }

  /** A head has waves of its own. */
  private static void look(
      BertShape shape, int head, int distance, double[] speeds, float[] query, float[] key) {
    int dimension = shape.dimension();
    int width = dimension / shape.heads();
    for (int i = 0; i < wavesOfHead(shape); i++) {
      int wave = head * wavesOfHead(shape) + i;
      int cos = (head * width + 2 * i) * dimension + 2 * wave;
      int sin = cos + dimension;
      float along = (float) (SHARPNESS * Math.cos(speeds[wave] * distance));
      float across = (float) (SHARPNESS * Math.sin(speeds[wave] * distance));
      key[cos] += SHARPNESS;
      key[sin + 1] += SHARPNESS;
      query[cos] += along;
      query[cos + 1] -= across;
      query[sin] += across;
      query[sin + 1] += along;
    }
  }
}
