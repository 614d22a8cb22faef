package io.polyseme.insight;

import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.Projection;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The attention of a model as it reads a text, or a pair of texts: by layer and head, from every
 * word to every word. Thread-safe.
 *
 * <p>Matrices are float[units][units]: a row for the unit that looks (the query), a column for the
 * one that is looked at (the key). Pieces are joined to words as in Clark et al. 2019 ("What does
 * BERT look at?", section 4.1): attention to a word is the sum over its pieces, attention from a
 * word the mean, so that rows of probabilities still have the sum 1.
 */
public final class TextAttention {
  private final Inside inside;
  private final TokenisedText text;
  private final List<Unit> units;
  private final Activations attention;
  private final int layers;
  private final int heads;
  private final Map<Integer, Transformed> transformed = new ConcurrentHashMap<>();
  private volatile @Nullable List<float[][]> flows;
  private volatile @Nullable Activations sides;

  private TextAttention(Inside inside, TokenisedText text, Activations attention) {
    this.inside = inside;
    this.text = text;
    this.units = Unit.of(text);
    this.attention = attention;
    this.layers = inside.layers();
    this.heads = attention.heads(new Tap.Attention(1));
  }

  /**
   * Has the model read a text.
   *
   * @throws io.polyseme.PolysemeException if the model hides its attention inside fused operators
   */
  public static TextAttention of(Inside inside, TokenisedText text) {
    Set<Tap> taps = new HashSet<>();
    for (int layer = 1; layer <= inside.layers(); layer++) {
      taps.add(new Tap.Attention(layer));
    }
    return new TextAttention(inside, text, inside.activations(text, ActivationRequest.of(taps)));
  }

  /** What was read. */
  public TokenisedText text() {
    return text;
  }

  /** The words and other tokens that rows and columns are of. */
  public List<Unit> units() {
    return units;
  }

  public int layers() {
    return layers;
  }

  /** Heads of each layer. */
  public int heads() {
    return heads;
  }

  /**
   * The attention of one head.
   *
   * @param layer from 1
   * @param head from 0
   * @throws IllegalArgumentException if there is no such head
   */
  public float[][] head(int layer, int head) {
    require(layer, head);
    return joined(tokens(layer, head));
  }

  /** The mean attention of the heads of a layer. */
  public float[][] layer(int layer) {
    return joined(meanOfHeads(layer));
  }

  /**
   * Attention rollout (Abnar and Zuidema 2020, "Quantifying attention flow in transformers"): how
   * much of each word's state after a layer comes from each word of the input, if attention were
   * all that moves anything and half of every state stayed where it is.
   */
  public float[][] rollout(int layer) {
    require(layer, 0);
    List<float[][]> known = flows;
    if (known == null) {
      known = flows();
      flows = known;
    }
    return joined(known.get(layer - 1));
  }

  private List<float[][]> flows() {
    int n = text.count();
    var all = new ArrayList<float[][]>();
    var flow = new float[n][n];
    for (int i = 0; i < n; i++) {
      flow[i][i] = 1;
    }
    for (int layer = 1; layer <= layers; layer++) {
      float[][] mean = meanOfHeads(layer);
      var next = new float[n][n];
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
          float share = mean[i][k] / 2 + (i == k ? 0.5f : 0);
          for (int j = 0; j < n; j++) {
            next[i][j] += share * flow[k][j];
          }
        }
      }
      flow = next;
      all.add(flow);
    }
    return all;
  }

  /**
   * Norm-based attention (Kobayashi et al. 2020, "Attention is not only a weight"): the length of
   * the vector that each word adds to each other by all heads together, the sum over heads of
   * attention × transformed value. A word that is looked at for want of anything better, as
   * separators are, mostly has a short one. Each row is scaled to the sum 1.
   */
  public float[][] norms(int layer) {
    require(layer, 0);
    Transformed brought = transformed.computeIfAbsent(layer, Transformed::new);
    int n = text.count();
    var norms = new float[n][n];
    var weights = new float[heads][][];
    for (int head = 0; head < heads; head++) {
      weights[head] = tokens(layer, head);
    }
    for (int j = 0; j < n; j++) {
      double[][] products = brought.products[j];
      for (int i = 0; i < n; i++) {
        double square = 0;
        for (int h = 0; h < heads; h++) {
          for (int g = 0; g < heads; g++) {
            square += products[h][g] * weights[h][i][j] * weights[g][i][j];
          }
        }
        norms[i][j] = (float) Math.sqrt(Math.max(0, square));
      }
    }
    return scaled(joined(norms));
  }

  /** Norm-based attention of one head. */
  public float[][] norms(int layer, int head) {
    require(layer, head);
    float[][] weights = tokens(layer, head);
    Transformed brought = transformed.computeIfAbsent(layer, Transformed::new);
    for (int j = 0; j < weights.length; j++) {
      float length = (float) Math.sqrt(brought.products[j][head][head]);
      for (float[] row : weights) {
        row[j] *= length;
      }
    }
    return scaled(joined(weights));
  }

  /** What each head makes of the value of each token of a layer. */
  private final class Transformed {
    /** The scalar products of the transformed values of all heads, by token. */
    final double[][][] products;

    Transformed(int layer) {
      Projection map = inside.attentionOutput(layer);
      Tap value = new Tap.Value(layer);
      Activations values = inside.activations(text, ActivationRequest.of(value));
      products = new double[text.count()][][];
      for (int token = 0; token < products.length; token++) {
        products[token] = products(map, values.at(value, token));
      }
    }

    private double[][] products(Projection map, float[] at) {
      int width = map.inputs() / heads;
      int valueHeads = at.length / width; // fewer where several heads share their values
      var vectors = new float[heads][map.outputs()];
      for (int head = 0; head < heads; head++) {
        int from = head / (heads / valueHeads) * width;
        for (int d = 0; d < width; d++) {
          float factor = at[from + d];
          int row = (head * width + d) * map.outputs();
          for (int o = 0; o < map.outputs(); o++) {
            vectors[head][o] += factor * map.weights()[row + o];
          }
        }
      }
      var byHeads = new double[heads][heads];
      for (int h = 0; h < heads; h++) {
        for (int g = 0; g <= h; g++) {
          byHeads[h][g] = Vectors.dot(vectors[h], vectors[g]);
          byHeads[g][h] = byHeads[h][g];
        }
      }
      return byHeads;
    }
  }

  /**
   * Why one word looks at another: the attention's score, element by element of query and key. The
   * score of words of several pieces is the mean over the pairs of pieces.
   *
   * @param from the unit that looks
   * @param to the unit that is looked at
   */
  public Match match(int layer, int head, int from, int to) {
    require(layer, head);
    Activations values = sides();
    Unit query = units.get(from);
    Unit key = units.get(to);
    int all = values.width(new Tap.Query(layer));
    int width = all / heads;
    int keyHeads = values.width(new Tap.Key(layer)) / width;
    float[] q = mean(values, new Tap.Query(layer), query, head * width, width);
    float[] k = mean(values, new Tap.Key(layer), key, head / (heads / keyHeads) * width, width);
    var parts = new float[width];
    for (int i = 0; i < width; i++) {
      parts[i] = (float) (q[i] * k[i] / Math.sqrt(width));
    }
    double score = 0;
    double probability = 0;
    double others = 0;
    int seen = 0;
    for (int i = query.from(); i < query.to(); i++) {
      for (int j = 0; j < text.count(); j++) {
        float one = values.pair(new Tap.Scores(layer), head, i, j);
        float share = attention.pair(new Tap.Attention(layer), head, i, j);
        if (j >= key.from() && j < key.to()) {
          score += one;
          probability += share;
        }
        if (share > 0) { // what a mask hides has no score to speak of
          others += one;
          seen++;
        }
      }
    }
    return new Match(
        layer,
        head,
        (float) (probability / query.tokens()),
        (float) (score / query.tokens() / key.tokens()),
        (float) (others / Math.max(1, seen)),
        q,
        k,
        parts);
  }

  /** Queries, keys and scores of all layers. */
  private Activations sides() {
    Activations known = sides;
    if (known == null) {
      Set<Tap> taps = new HashSet<>();
      for (int layer = 1; layer <= layers; layer++) {
        taps.addAll(List.of(new Tap.Query(layer), new Tap.Key(layer), new Tap.Scores(layer)));
      }
      known = inside.activations(text, ActivationRequest.of(taps));
      sides = known;
    }
    return known;
  }

  /** The heads that have one word look at another, by their attention, most first. */
  public List<Match> matches(int from, int to) {
    var all = new ArrayList<Match>();
    for (int layer = 1; layer <= layers; layer++) {
      for (int head = 0; head < heads; head++) {
        all.add(match(layer, head, from, to));
      }
    }
    all.sort((a, b) -> Float.compare(b.attention(), a.attention()));
    return all;
  }

  /**
   * Query times key.
   *
   * @param attention the probability, from 0 to 1
   * @param score what it comes from, before the softmax
   * @param mean the mean score of all that the word can look at
   * @param query float[width], the head's query
   * @param key float[width]
   * @param parts query × key / √width, element by element
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  public record Match(
      int layer,
      int head,
      float attention,
      float score,
      float mean,
      float[] query,
      float[] key,
      float[] parts) {

    /**
     * What of the score is none of the parts: of what a model does beside the plain product, as to
     * turn queries and keys by their positions (rotary), to add to scores (relative positions, a
     * mask), or to scale them otherwise.
     */
    public float other() {
      double sum = 0;
      for (float part : parts) {
        sum += part;
      }
      return (float) (score - sum);
    }
  }

  private static float[] mean(Activations values, Tap tap, Unit unit, int from, int width) {
    var mean = new float[width];
    for (int token = unit.from(); token < unit.to(); token++) {
      for (int d = 0; d < width; d++) {
        mean[d] += values.get(tap, token, from + d) / unit.tokens();
      }
    }
    return mean;
  }

  private void require(int layer, int head) {
    if (layer < 1 || layer > layers || head < 0 || head >= heads) {
      throw new IllegalArgumentException(
          "there is no head %d.%d: the layers are 1 to %d, the heads of each 0 to %d"
              .formatted(layer, head, layers, heads - 1));
    }
  }

  private float[][] tokens(int layer, int head) {
    return attention.head(new Tap.Attention(layer), head);
  }

  private float[][] meanOfHeads(int layer) {
    require(layer, 0);
    int n = text.count();
    var mean = new float[n][n];
    for (int head = 0; head < heads; head++) {
      float[][] one = tokens(layer, head);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          mean[i][j] += one[i][j] / heads;
        }
      }
    }
    return mean;
  }

  /** From tokens to words: the sum over what is looked at, the mean over what looks. */
  private float[][] joined(float[][] tokens) {
    var joined = new float[units.size()][units.size()];
    for (int row = 0; row < joined.length; row++) {
      Unit query = units.get(row);
      for (int column = 0; column < joined.length; column++) {
        Unit key = units.get(column);
        double sum = 0;
        for (int i = query.from(); i < query.to(); i++) {
          for (int j = key.from(); j < key.to(); j++) {
            sum += tokens[i][j];
          }
        }
        joined[row][column] = (float) (sum / query.tokens());
      }
    }
    return joined;
  }

  private static float[][] scaled(float[][] rows) {
    for (float[] row : rows) {
      double sum = 0;
      for (float value : row) {
        sum += value;
      }
      for (int i = 0; i < row.length && sum > 0; i++) {
        row[i] /= (float) sum;
      }
    }
    return rows;
  }
}
