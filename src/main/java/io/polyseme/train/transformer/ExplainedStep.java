package io.polyseme.train.transformer;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.PieceTokenizer;
import io.polyseme.encoder.graph.BertReader;
import io.polyseme.model.ModelFiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One step of a training with its numbers: a word of a text is masked, the network says what stood
 * there, what that costs is traced back to every weight, and the weights are moved. Nothing is
 * kept.
 *
 * @param pieces of the text as the network is given it
 * @param place of the masked piece among them
 * @param word what stood there
 * @param before what was predicted, the most probable first
 * @param lossBefore minus the logarithm of the word's probability
 * @param gradients of the arrays of weights, the longest first
 * @param rows the word embeddings whose gradients are the longest
 * @param after what is predicted once the weights are moved
 * @param lossAfter of the same word
 * @param weights how many numbers were moved
 */
public record ExplainedStep(
    List<String> pieces,
    int place,
    String word,
    List<Predicted> before,
    double lossBefore,
    List<Gradient> gradients,
    List<Gradient> rows,
    List<Predicted> after,
    double lossAfter,
    long weights) {
  private static final int SHOWN = 8;

  /** A word and its probability. */
  public record Predicted(String word, double probability) {}

  /**
   * How strongly some weights would change the loss.
   *
   * @param name of the array, or the word whose embedding it is
   * @param length of the gradient
   * @param largest its largest number, with its sign
   */
  public record Gradient(String name, double length, double largest) {}

  public ExplainedStep {
    pieces = List.copyOf(pieces);
    before = List.copyOf(before);
    gradients = List.copyOf(gradients);
    rows = List.copyOf(rows);
    after = List.copyOf(after);
  }

  /**
   * Takes the step.
   *
   * @param model with a head for masked words
   * @param text in which a word is to be masked
   * @param start where the word begins, in UTF-16 units
   * @param end where it ends; only its first piece is masked
   * @param rate how far each weight is moved, by AdamW's first step
   * @throws PolysemeException if the model has no such head, or is not understood
   */
  public static ExplainedStep of(
      ModelFiles model, String text, int start, int end, double rate, int threads) {
    BertReader reader = BertReader.read(model.onnx());
    if (!reader.weights().containsKey("cls.predictions.bias") || reader.shape().causal()) {
      throw new PolysemeException(
          model.card().name()
              + " has no head that predicts masked words: take a model that train-encoder made, or adapt with --masked");
    }
    Engine engine = Pytorch.open(threads);
    try (PieceTokenizer tokenizer = PieceTokenizer.open(model.tokenizer());
        NDManager manager = engine.newBaseManager()) {
      PieceTokenizer.Pieces pieces = tokenizer.pieces(text);
      int[] inner = pieces.ids();
      int place = pieces.firstWithin(start, end);
      if (place < 0 || inner.length + 2 > reader.shape().positions()) {
        throw new PolysemeException(
            "the word stands in no token of the text, or the text has more than the %d that the model takes"
                .formatted(reader.shape().positions() - 2));
      }
      var ids = new int[inner.length + 2];
      ids[0] = tokenizer.opening();
      System.arraycopy(inner, 0, ids, 1, inner.length);
      ids[ids.length - 1] = tokenizer.closing();
      int stood = inner[place];
      ids[place + 1] = tokenizer.maskId().orElseThrow();
      var batch =
          new WordObjective.Batch(ids, 1, ids.length, new long[] {place + 1}, new long[] {stood});
      var network = new Network(reader.shape(), reader.weights(), Network.Part.ALL, 0, manager);
      var adam = new AdamW(network.trained(), 0, Double.MAX_VALUE, manager);
      double lossBefore;
      List<Predicted> before = predicted(network, batch, tokenizer, manager);
      try (GradientCollector collector = engine.newGradientCollector()) {
        NDArray loss = WordObjective.loss(network, batch, 0, manager);
        collector.backward(loss);
        lossBefore = loss.getFloat();
      }
      List<Gradient> gradients = gradients(network);
      List<Gradient> rows = rows(network, tokenizer);
      adam.update(1, rate, manager);
      double lossAfter = WordObjective.loss(network, batch, 0, manager).getFloat();
      List<Predicted> after = predicted(network, batch, tokenizer, manager);
      return new ExplainedStep(
          IntStream.of(ids).mapToObj(tokenizer::piece).toList(),
          place + 1,
          tokenizer.piece(stood),
          before,
          lossBefore,
          gradients,
          rows,
          after,
          lossAfter,
          network.trained().values().stream().mapToLong(NDArray::size).sum());
    }
  }

  private static List<Predicted> predicted(
      Network network, WordObjective.Batch batch, PieceTokenizer tokenizer, NDManager manager) {
    try (NDManager inner = manager.newSubManager()) {
      float[] probabilities =
          WordObjective.logits(network, batch, 0, inner).softmax(-1).toFloatArray();
      return IntStream.range(0, probabilities.length)
          .boxed()
          .sorted(Comparator.comparingDouble(i -> -probabilities[i]))
          .limit(SHOWN)
          .map(i -> new Predicted(tokenizer.piece(i), probabilities[i]))
          .toList();
    }
  }

  private static List<Gradient> gradients(Network network) {
    var gradients = new ArrayList<Gradient>();
    for (Map.Entry<String, NDArray> weight : network.trained().entrySet()) {
      try (NDArray gradient = weight.getValue().getGradient()) {
        gradients.add(gradient(weight.getKey(), gradient.toFloatArray(), 0, (int) gradient.size()));
      }
    }
    return longest(gradients);
  }

  private static List<Gradient> rows(Network network, PieceTokenizer tokenizer) {
    int dimension = network.shape().dimension();
    var rows = new ArrayList<Gradient>();
    try (NDArray gradient = network.trained().get(Network.WORDS).getGradient()) {
      float[] values = gradient.toFloatArray();
      for (int word = 0; word < tokenizer.size(); word++) {
        rows.add(gradient(tokenizer.piece(word), values, word * dimension, (word + 1) * dimension));
      }
    }
    return longest(rows);
  }

  private static Gradient gradient(String name, float[] values, int from, int to) {
    double sum = 0;
    float largest = 0;
    for (int i = from; i < to; i++) {
      sum += (double) values[i] * values[i];
      largest = Math.abs(values[i]) > Math.abs(largest) ? values[i] : largest;
    }
    return new Gradient(name, Math.sqrt(sum), largest);
  }

  private static List<Gradient> longest(List<Gradient> gradients) {
    return gradients.stream()
        .sorted(Comparator.comparingDouble(gradient -> -gradient.length))
        .limit(SHOWN)
        .toList();
  }
}
