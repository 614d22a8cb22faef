package io.polyseme.train.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.graph.BertShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * BERT (Devlin et al. 2019) out of array operations whose derivatives PyTorch knows: embeddings,
 * blocks of attention and a feed-forward layer, each followed by its sum with the stream and a
 * normalisation, and the head that predicts words. DJL's own blocks normalise by batch.
 *
 * <p>For one thread. Its arrays belong to the manager that it is given.
 */
final class Network {
  static final String WORDS = "embeddings.word_embeddings.weight";
  static final String PLACES = "embeddings.position_embeddings.weight";
  static final String LAYER = "encoder.layer.";
  private static final String HEAD = "cls.predictions.";
  private static final String DOWN = ".down";
  private static final String UP = ".up";

  private final BertShape shape;
  private final SequencedMap<String, NDArray> weights = new LinkedHashMap<>();
  private final SequencedMap<String, NDArray> trained = new LinkedHashMap<>();
  private final Part part;
  private final boolean head;

  /**
   * Which weights are trained; the head's always are.
   *
   * @param embeddings whether those of words and places are
   * @param firstLayer of those that are, from 0
   * @param rank of matrices that are added to the projections of attention and trained in their
   *     place (LoRA, Hu et al. 2021); 0 for the weights themselves
   */
  record Part(boolean embeddings, int firstLayer, int rank) {
    static final Part ALL = new Part(true, 0, 0);
    static final Part NONE = new Part(false, Integer.MAX_VALUE, 0);

    private boolean has(String name) {
      if (name.startsWith(HEAD)) {
        return this != NONE;
      }
      if (!name.startsWith(LAYER)) {
        return embeddings;
      }
      return rank == 0 && layer(name) >= firstLayer;
    }

    private boolean adds(String name) {
      return rank > 0
          && name.startsWith(LAYER)
          && layer(name) >= firstLayer
          && name.contains(".attention.")
          && !name.contains("LayerNorm")
          && name.endsWith(".weight");
    }

    private static int layer(String name) {
      return Integer.parseInt(name.substring(LAYER.length(), name.indexOf('.', LAYER.length())));
    }
  }

  /**
   * @param given by the names of {@link BertShape#weights}; those of the head may be missing
   * @param part what is trained
   * @param seed of what begins at random
   */
  Network(BertShape shape, Map<String, float[]> given, Part part, long seed, NDManager manager) {
    this.shape = shape;
    this.part = part;
    this.head = given.containsKey(HEAD + "bias");
    shape
        .weights(head)
        .forEach(
            (name, sizes) -> {
              float[] values = given.get(name);
              if (values == null || values.length != new Shape(sizes).size()) {
                throw new PolysemeException("the weights " + name + " do not fit the model");
              }
              NDArray array = manager.create(values, new Shape(sizes));
              weights.put(name, array);
              if (part.has(name)) {
                train(name, array);
              } else if (part.adds(name)) {
                train(name + DOWN, random(sizes[1], seed + trained.size(), manager));
                train(name + UP, manager.zeros(new Shape(sizes[0], part.rank)));
              }
            });
  }

  private void train(String name, NDArray array) {
    array.setRequiresGradient(true);
    trained.put(name, array);
  }

  private NDArray random(long columns, long seed, NDManager manager) {
    var random = new SplittableRandom(seed);
    var values = new float[Math.toIntExact(part.rank * columns)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() / Math.sqrt(columns));
    }
    return manager.create(values, new Shape(part.rank, columns));
  }

  /**
   * The standard deviation that weights begin with: of 768 dimensions some 0.02, BERT's (Devlin et
   * al. 2019), and of fewer more, so that what a block adds is of the size of the stream (Nguyen
   * and Salazar 2019, "Transformers without Tears", section 2.2).
   */
  static double spread(int dimension) {
    return Math.sqrt(0.4 / dimension);
  }

  /**
   * Random weights: normal, no shifts. What attention and feed-forward layers add to the stream
   * begins smaller by the root of how many they are (Radford et al. 2019, "Language Models are
   * Unsupervised Multitask Learners", section 2.3), so that the words reach the head of a deep
   * network too.
   */
  static Map<String, float[]> random(BertShape shape, boolean head, long seed) {
    var random = new SplittableRandom(seed);
    double spread = spread(shape.dimension());
    double added = spread / Math.sqrt(2.0 * shape.layers());
    var weights = new LinkedHashMap<String, float[]>();
    shape
        .weights(head)
        .forEach(
            (name, sizes) -> {
              var values = new float[Math.toIntExact(new Shape(sizes).size())];
              boolean scale = name.endsWith("LayerNorm.weight");
              double of = name.endsWith("output.dense.weight") ? added : spread;
              for (int i = 0; i < values.length; i++) {
                values[i] =
                    scale ? 1 : sizes.length == 1 ? 0 : (float) (of * random.nextGaussian());
              }
              weights.put(name, values);
            });
    return weights;
  }

  /** The weights of a head that begins at random, over those of an encoder. */
  static Map<String, float[]> withHead(BertShape shape, Map<String, float[]> encoder, long seed) {
    Map<String, float[]> all = random(shape, true, seed);
    all.putAll(encoder);
    return all;
  }

  BertShape shape() {
    return shape;
  }

  /** The arrays that are trained, by name, in a fixed order. */
  SequencedMap<String, NDArray> trained() {
    return trained;
  }

  /** Copies of what is trained. */
  SequencedMap<String, float[]> values() {
    var values = new LinkedHashMap<String, float[]>();
    trained.forEach((name, array) -> values.put(name, array.toFloatArray()));
    return values;
  }

  /** Sets what is trained. */
  void set(Map<String, float[]> values) {
    trained.forEach(
        (name, array) -> {
          array.setRequiresGradient(false);
          set(array, values.get(name));
          array.setRequiresGradient(true);
        });
  }

  /**
   * Sets an array that nothing is trained through. DJL's own way puts memory of the JVM in the
   * place of PyTorch's, and PyTorch warns of how that is done.
   */
  static void set(NDArray array, float[] values) {
    try (NDArray there = array.getManager().create(values, array.getShape())) {
      array.subi(array).addi(there);
    }
  }

  /** How many numbers the network has. */
  long size() {
    return weights.values().stream().mapToLong(array -> array.getShape().size()).sum();
  }

  /** Copies of all weights by the names of {@link BertShape#weights}; what was added is in them. */
  SequencedMap<String, float[]> all() {
    var all = new LinkedHashMap<String, float[]>();
    weights.forEach(
        (name, array) -> {
          NDArray up = trained.get(name + UP);
          if (up == null) {
            all.put(name, array.toFloatArray());
          } else {
            try (NDArray product = up.matMul(trained.get(name + DOWN));
                NDArray sum = product.add(array)) {
              all.put(name, sum.toFloatArray());
            }
          }
        });
    return all;
  }

  /**
   * The hidden states.
   *
   * @param ids int64[texts × tokens]
   * @param mask float[texts × 1 × 1 × tokens] that is added to scores of attention, 0 or very
   *     negative; null where nothing is padding
   * @param dropout the share of numbers that are set to 0, in training
   * @return from the embeddings to the last layer, float[texts × tokens × dimension] each
   */
  List<NDArray> states(NDArray ids, @Nullable NDArray mask, float dropout) {
    long texts = ids.getShape().get(0);
    long tokens = ids.getShape().get(1);
    NDArray words = Embedding.embedding(ids, weight(WORDS), SparseFormat.DENSE).head();
    NDArray places =
        Embedding.embedding(
                ids.getManager().arange(0, (int) tokens, 1, ids.getDataType()),
                weight(PLACES),
                SparseFormat.DENSE)
            .head();
    NDArray sum = words.add(places);
    if (shape.types() > 0) {
      NDArray type = ids.getManager().zeros(new Shape(1), ids.getDataType());
      sum =
          sum.add(
              Embedding.embedding(
                      type, weight("embeddings.token_type_embeddings.weight"), SparseFormat.DENSE)
                  .head());
    }
    NDArray state = dropped(norm(sum, "embeddings.LayerNorm"), dropout);
    NDArray added = shape.causal() ? causal(ids.getManager(), (int) tokens, mask) : mask;
    var states = new ArrayList<NDArray>();
    states.add(state);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String block = LAYER + layer + ".";
      NDArray attended = attention(state, block, texts, tokens, added, dropout);
      state = norm(state.add(attended), block + "attention.output.LayerNorm");
      NDArray inner = Activation.gelu(linear(state, block + "intermediate.dense"));
      inner = dropped(linear(inner, block + "output.dense"), dropout);
      state = norm(state.add(inner), block + "output.LayerNorm");
      states.add(state);
    }
    return states;
  }

  private NDArray attention(
      NDArray state, String block, long texts, long tokens, @Nullable NDArray mask, float dropout) {
    long width = shape.dimension() / shape.heads();
    String self = block + "attention.self.";
    Shape apart = new Shape(texts, tokens, shape.heads(), width);
    NDArray query = scaled(linear(state, self + "query"), 1 / Math.sqrt(width));
    NDArray queries = query.reshape(apart).transpose(0, 2, 1, 3);
    NDArray keys = linear(state, self + "key").reshape(apart).transpose(0, 2, 3, 1);
    NDArray values = linear(state, self + "value").reshape(apart).transpose(0, 2, 1, 3);
    NDArray scores = queries.matMul(keys);
    if (mask != null) {
      scores = scores.add(mask);
    }
    NDArray probabilities = dropped(scores.softmax(-1), dropout);
    NDArray mixed =
        probabilities
            .matMul(values)
            .transpose(0, 2, 1, 3)
            .reshape(texts, tokens, shape.dimension());
    return dropped(linear(mixed, block + "attention.output.dense"), dropout);
  }

  /**
   * Times a number, which is held until the manager closes. Multiplied with or divided by a number
   * of Java, DJL lets go of its memory while PyTorch still has it for the way back: once the JVM
   * collected garbage in between, gradients were anything, or no numbers.
   */
  static NDArray scaled(NDArray x, double by) {
    return x.mul(x.getManager().create((float) by));
  }

  private static NDArray causal(NDManager manager, int tokens, @Nullable NDArray mask) {
    var right = new float[tokens * tokens];
    for (int i = 0; i < tokens; i++) {
      for (int j = i + 1; j < tokens; j++) {
        right[i * tokens + j] = -1e9f;
      }
    }
    NDArray triangle = manager.create(right, new Shape(1, 1, tokens, tokens));
    return mask == null ? triangle : triangle.add(mask);
  }

  /**
   * Scores of all words.
   *
   * @param states float[rows × dimension]
   * @return float[rows × vocabulary]
   */
  NDArray logits(NDArray states) {
    NDArray dense = Activation.gelu(linear(states, HEAD + "transform.dense"));
    return Linear.linear(
            norm(dense, HEAD + "transform.LayerNorm"), weight(WORDS), weight(HEAD + "bias"))
        .head();
  }

  private NDArray linear(NDArray x, String name) {
    NDArray y = Linear.linear(x, weight(name + ".weight"), weight(name + ".bias")).head();
    NDArray down = trained.get(name + ".weight" + DOWN);
    return down == null
        ? y
        : y.add(
            Linear.linear(Linear.linear(x, down).head(), trained.get(name + ".weight" + UP))
                .head());
  }

  private NDArray norm(NDArray x, String name) {
    return LayerNorm.layerNorm(
            x,
            new Shape(shape.dimension()),
            weight(name + ".weight"),
            weight(name + ".bias"),
            shape.epsilon())
        .head();
  }

  private static NDArray dropped(NDArray x, float share) {
    return share == 0 ? x : Dropout.dropout(x, share, true).head();
  }

  private NDArray weight(String name) {
    return weights.get(name);
  }

  /** Operations of matrix products a token, forward; those backward are twice as many. */
  double operations(int tokens, double predicted) {
    double d = shape.dimension();
    double block = 2 * (4 * d * d + 2 * d * shape.inner()) + 4 * d * tokens;
    return shape.layers() * block + predicted * 2 * (d * d + d * shape.vocabulary());
  }
}
