package io.polyseme.encoder.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.polyseme.encoder.graph.BertParts.Dense;
import io.polyseme.encoder.graph.BertParts.Weight;
import io.polyseme.encoder.graph.Wiring.NotUnderstood;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Recognises a BERT encoder, from the last hidden state back to the inputs. Nothing is passed over:
 * each operator on the way is one that such an encoder has, so that a graph which is recognised
 * computes what {@link BertWriter} writes.
 */
final class BertStructure {
  /** How many sums lie between the embeddings and their normalisation, at most. */
  private static final int SUMS = 4;

  private final Wiring wiring;
  private final Anatomy anatomy;
  private final Patterns patterns;
  private final BertPlaces places;
  private final BertParts parts;
  private final BertAttention attention;
  private final Map<String, Patterns.Norm> norms = new HashMap<>();
  private final Map<String, Boolean> masks = new HashMap<>();
  private final Map<String, Weight> weights = new HashMap<>();
  private final Set<Float> epsilons = new TreeSet<>();
  private final Set<Boolean> causal = new TreeSet<>();
  private final Set<Integer> heads = new TreeSet<>();
  private @Nullable BertMask mask;

  /**
   * @param counted whether an integer tensor has the numbers 0, 1, 2 …
   */
  BertStructure(Wiring wiring, Anatomy anatomy, int opset, Predicate<TensorProto> counted) {
    this.wiring = wiring;
    this.anatomy = anatomy;
    this.places = new BertPlaces(wiring, counted);
    this.patterns = new Patterns(wiring, Set.of());
    this.parts = new BertParts(wiring, patterns);
    this.attention = new BertAttention(wiring, patterns, parts, anatomy.dimension(), opset);
    // In this order none is asked through more than one node at a time, however deep the graph.
    wiring.sorted().forEach(node -> node.getOutputList().forEach(patterns::isTokenShaped));
    for (NodeProto node : wiring.graph.getNodeList()) {
      Patterns.Norm norm = patterns.norm(node);
      if (norm != null) {
        norms.put(norm.output(), norm);
      }
    }
  }

  /** What was found, by the names of {@link BertShape}. */
  Map<String, Weight> weights() {
    return weights;
  }

  /**
   * Recognises the encoder.
   *
   * @throws NotUnderstood if it is another
   */
  BertShape read() {
    Set<String> others = new LinkedHashSet<>(wiring.inputs());
    NodeProto words = wiring.words();
    if (words == null) {
      throw new NotUnderstood("its word embeddings were not found");
    }
    others.remove(wiring.source(words.getInput(1)));
    others.removeIf(input -> wiring.rowsLookedUp(input) > 0);
    if (others.size() != 1) {
      throw new NotUnderstood(
          "beside tokens and their types it is given %s, and should be the mask of padding alone"
              .formatted(others));
    }
    mask = new BertMask(wiring, others.iterator().next());
    String at = parts.still(anatomy.output());
    for (int layer = anatomy.blocks().size() - 1; layer >= 0; layer--) {
      at = block(layer, at);
    }
    embeddings(at);
    if (epsilons.size() != 1 || causal.size() != 1 || heads.size() != 1) {
      throw new NotUnderstood("its layers differ in more than their weights");
    }
    TensorProto wide = weights.get(BertShape.weight(BertShape.block(0) + BertShape.WIDE)).tensor();
    int dimension = anatomy.dimension();
    int inner = (int) Math.max(wide.getDims(0), wide.getDims(1));
    Weight types = weights.get(BertShape.TYPES);
    if (inner <= dimension) {
      throw new NotUnderstood("its feed-forward layers are not wider than its hidden states");
    }
    return new BertShape(
        rows(weights.get(BertShape.WORDS)),
        rows(weights.get(BertShape.POSITIONS)),
        types == null ? 0 : rows(types),
        dimension,
        anatomy.blocks().size(),
        heads.iterator().next(),
        inner,
        epsilons.iterator().next(),
        causal.iterator().next());
  }

  private static int rows(Weight table) {
    return Math.toIntExact(table.tensor().getDims(0));
  }

  // ---- blocks ---------------------------------------------------------------------------------

  /** Reads a block from what it gives, and gives what it starts from. */
  private String block(int layer, String output) {
    String name = BertShape.block(layer);
    String where = "layer " + (layer + 1);
    Residual last = residual(output, name + BertShape.OUTPUT_NORM, where);
    keep(name + BertShape.NARROW, last.dense);
    String activated = patterns.producer(last.dense.input(), "Gelu") == null ? null : gelu(last);
    NodeProto product = wiring.producer(last.dense.input());
    if (activated == null && product != null) {
      activated = patterns.geluInput(product);
    }
    Dense wide = activated == null ? null : parts.dense(activated);
    if (wide == null || !wide.input().equals(last.stream)) {
      throw new NotUnderstood(
          "the feed-forward layer of %s is not a projection, the exact Gelu and a projection, all with biases"
              .formatted(where));
    }
    keep(name + BertShape.WIDE, wide);
    Residual first = residual(last.stream, name + BertShape.ATTENTION_NORM, where);
    keep(name + BertShape.CONTEXT, first.dense);
    attention(name, where, first);
    return first.stream;
  }

  private @Nullable String gelu(Residual last) {
    NodeProto node = wiring.producer(last.dense.input());
    boolean exact =
        node.getAttributeList().stream()
            .noneMatch(
                attribute ->
                    attribute.getName().equals("approximate")
                        && !attribute.getS().toStringUtf8().equals("none"));
    return exact ? parts.still(node.getInput(0)) : null;
  }

  /**
   * A sum with the residual stream.
   *
   * @param dense what is added
   * @param stream to what
   */
  private record Residual(Dense dense, String stream) {}

  /** A normalised sum of a linear layer and what went before. */
  private Residual residual(String output, String normName, String where) {
    Patterns.Norm norm = norms.get(output);
    NodeProto sum = norm == null ? null : patterns.producer(parts.still(norm.input()), "Add");
    for (int side = 0; sum != null && side < 2; side++) {
      String stream = parts.still(sum.getInput(side));
      Dense dense = norms.containsKey(stream) ? parts.dense(sum.getInput(1 - side)) : null;
      if (dense != null) {
        keep(normName, norm);
        return new Residual(dense, stream);
      }
    }
    throw new NotUnderstood(
        "%s does not normalise the sum of its input and a projection of it (it normalises before, has another normalisation or no biases, or projects its embeddings?)"
            .formatted(where));
  }

  private void attention(String name, String where, Residual residual) {
    BertAttention.Found found = attention.read(residual.dense.input(), residual.stream, where);
    causal.add(masks.computeIfAbsent(found.mask(), mask::isCausal));
    heads.add(found.heads());
    keep(name + BertShape.QUERY, found.query());
    keep(name + BertShape.KEY, found.key());
    keep(name + BertShape.VALUE, found.value());
  }

  // ---- embeddings -----------------------------------------------------------------------------

  private void embeddings(String output) {
    Patterns.Norm norm = norms.get(output);
    if (norm == null) {
      throw new NotUnderstood("its embeddings are not normalised, or go through a projection");
    }
    keep(BertShape.EMBEDDINGS + BertShape.NORM, norm);
    var added = new ArrayList<String>();
    addends(norm.input(), added, SUMS);
    for (String part : added) {
      NodeProto lookup = patterns.producer(part, "Gather");
      TensorProto table = lookup == null ? null : wiring.constantTensor(lookup.getInput(0));
      if (table == null
          || !patterns.isMatrix(lookup.getInput(0))
          || Wiring.attribute(lookup, "axis", 0) != 0) {
        throw new NotUnderstood("its embeddings are not a sum of rows of float32 tables");
      }
      String name = kind(lookup);
      if (weights.put(name, new Weight(table, false)) != null) {
        throw new NotUnderstood("two of its embeddings are of one kind");
      }
    }
    if (!weights.containsKey(BertShape.WORDS) || !weights.containsKey(BertShape.POSITIONS)) {
      throw new NotUnderstood("it has no embeddings of words and of positions");
    }
  }

  private String kind(NodeProto lookup) {
    String index = wiring.source(lookup.getInput(1));
    if (lookup.equals(wiring.words())) {
      return BertShape.WORDS;
    }
    if (wiring.inputs().contains(index)) {
      // Positions that are given are no token types, however few: those have two rows, mostly.
      if (index.contains("position")
          || wiring.constantTensor(lookup.getInput(0)).getDims(0) > BertShape.MOST_TYPES) {
        throw new NotUnderstood("it is given its positions");
      }
      return BertShape.TYPES;
    }
    if (!places.areCounted(index)) {
      throw new NotUnderstood(
          "its positions are not counted from 0, token by token (RoBERTa and its kin count from the"
              + " number of the padding token)");
    }
    return BertShape.POSITIONS;
  }

  private void addends(String value, List<String> added, int steps) {
    NodeProto sum = patterns.producer(parts.still(value), "Add");
    if (sum == null || steps == 0) {
      added.add(parts.still(value));
      return;
    }
    sum.getInputList().forEach(input -> addends(input, added, steps - 1));
  }

  // ---- the head -------------------------------------------------------------------------------

  /**
   * Recognises BERT's head for words over the last hidden state, and puts its weights to the
   * others.
   *
   * @return the weights of its projection to words; null if the graph has no such head
   */
  @Nullable Weight head() {
    for (ValueInfoProto output : wiring.graph.getOutputList()) {
      String name = output.getName();
      if (!Head.isScores(wiring, name, anatomy.vocabulary())) {
        continue;
      }
      Dense scores = parts.dense(name);
      Patterns.Norm norm = scores == null ? null : norms.get(scores.input());
      NodeProto last = norm == null ? null : wiring.producer(parts.still(norm.input()));
      String activated = last == null ? null : patterns.geluInput(last);
      Dense dense = activated == null ? null : parts.dense(activated);
      if (dense != null
          && dense.input().equals(parts.still(anatomy.output()))
          && epsilons.contains(norm.epsilon())) {
        keep(BertShape.HEAD_DENSE, dense);
        keep(BertShape.HEAD_NORM, norm);
        weights.put(BertShape.HEAD_BIAS, new Weight(scores.bias(), false));
        return scores.weight();
      }
    }
    return null;
  }

  // ---- parts ----------------------------------------------------------------------------------

  private void keep(String name, Dense dense) {
    weights.put(BertShape.weight(name), dense.weight());
    weights.put(BertShape.bias(name), new Weight(dense.bias(), false));
  }

  private void keep(String name, Patterns.Norm norm) {
    if (norm.beta() == null) {
      throw new NotUnderstood("its normalisations have no shift");
    }
    epsilons.add(norm.epsilon());
    weights.put(BertShape.weight(name), new Weight(wiring.constantTensor(norm.gamma()), false));
    weights.put(BertShape.bias(name), new Weight(wiring.constantTensor(norm.beta()), false));
  }
}
