package io.polyseme.sense;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderInfo;
import io.polyseme.encoder.TextInput;
import io.polyseme.vector.LogisticRegression;
import io.polyseme.vector.Term;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Tells whether one word has the same sense in two contexts (the task of WiC: Pilehvar and
 * Camacho-Collados 2019), and how alike the meanings of words in two contexts are. Learned of pairs
 * of which it is known, and of nothing else: no inventory, and no corpus of senses, stands in any
 * vector or statistic. Of one model; immutable and thread-safe.
 */
public final class SameSense {
  private static final int FORMAT = 1;
  private static final String KIND = "same-sense";

  /** Of the mean loss. */
  private static final double PENALTY = 1e-3;

  private static final int[] WIDTHS = {1, 2, 4};
  private static final double[] SENTENCE_WEIGHTS = {0, 1, 2, 4};

  /** How it tells. */
  public enum Method {
    /**
     * By the cosine of two vectors, the same sense if it is at least a threshold. The layers, how
     * much the whole text counts beside the word, and the threshold are those that are most often
     * right on the pairs that are learned from.
     */
    THRESHOLD,
    /**
     * By logistic regression on cosines: at every layer that of the words and that of the whole
     * texts, both of the hidden states as they are and standardised.
     */
    HEAD;

    /** The name in lower case. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Two usages of which it is known.
   *
   * @param first its row among the states
   * @param second likewise
   */
  public record Example(int first, int second, boolean same) {}

  /**
   * An answer about two usages.
   *
   * @param score the higher, the more alike: with {@link Method#HEAD} the probability that the
   *     sense is the same, from 0 to 1; with {@link Method#THRESHOLD} a cosine
   */
  public record Answer(double score, boolean same) {}

  private final Method method;
  private final String model;
  private final String fingerprint;
  private final StandardSpace space;
  private final double threshold;

  /** Of {@link Method#THRESHOLD}. */
  private final UsageMix mix;

  /** Of {@link Method#HEAD}. */
  private final Head head;

  private record Head(float[] means, float[] scales, LogisticRegression regression) {
    static final Head NONE =
        new Head(new float[0], new float[0], new LogisticRegression(new float[0], 0));

    double probability(float[] features) {
      return regression.probability(scaled(features));
    }

    float[] scaled(float[] features) {
      var scaled = new float[features.length];
      for (int j = 0; j < scaled.length; j++) {
        scaled[j] = (features[j] - means[j]) * scales[j];
      }
      return scaled;
    }
  }

  private SameSense(
      Method method,
      String model,
      String fingerprint,
      StandardSpace space,
      double threshold,
      UsageMix mix,
      Head head) {
    this.method = method;
    this.model = model;
    this.fingerprint = fingerprint;
    this.space = space;
    this.threshold = threshold;
    this.mix = mix;
    this.head = head;
  }

  /**
   * Learns of pairs. The statistics that hidden states are standardised by are of their usages.
   *
   * @param states of the usages, as {@link UsageStates#request()} has them made
   * @param model the name of the model that made them
   * @param fingerprint the model's, as {@link EncoderInfo} has it
   * @throws PolysemeException if there is no pair of the same sense, or none of different ones
   */
  public static SameSense learn(
      Method method, UsageStates states, List<Example> examples, String model, String fingerprint) {
    long same = examples.stream().filter(Example::same).count();
    if (same == 0 || same == examples.size()) {
      throw new PolysemeException(
          "pairs of the same sense and of different senses are needed to learn from, and of the %d"
                  .formatted(examples.size())
              + " pairs %d are of the same".formatted(same));
    }
    int[] rows =
        examples.stream().flatMapToInt(e -> IntStream.of(e.first, e.second)).distinct().toArray();
    StandardSpace space = StandardSpace.of(states, rows);
    return switch (method) {
      case THRESHOLD -> learnThreshold(states, examples, model, fingerprint, space);
      case HEAD ->
          new SameSense(
              method,
              model,
              fingerprint,
              space,
              0.5,
              UsageMix.words(0, 0),
              learnHead(states, examples, space));
    };
  }

  private static SameSense learnThreshold(
      UsageStates states,
      List<Example> examples,
      String model,
      String fingerprint,
      StandardSpace space) {
    List<UsageMix> mixes = mixes(space.layers());
    var scores = new float[mixes.size()][examples.size()];
    var same = new boolean[examples.size()];
    for (int i = 0; i < same.length; i++) {
      Example example = examples.get(i);
      same[i] = example.same;
      var words =
          new Products(
              StandardSpace.standardised(space.words(), states.words(example.first)),
              StandardSpace.standardised(space.words(), states.words(example.second)));
      var sentences =
          new Products(
              StandardSpace.standardised(space.sentences(), states.sentences(example.first)),
              StandardSpace.standardised(space.sentences(), states.sentences(example.second)));
      for (int m = 0; m < mixes.size(); m++) {
        scores[m][i] = (float) cosine(mixes.get(m), words, sentences);
      }
    }
    int best = 0;
    Threshold found = Threshold.best(scores[0], same);
    for (int m = 1; m < mixes.size(); m++) {
      Threshold other = Threshold.best(scores[m], same);
      if (other.right > found.right) {
        best = m;
        found = other;
      }
    }
    return new SameSense(
        Method.THRESHOLD, model, fingerprint, space, found.value, mixes.get(best), Head.NONE);
  }

  /** One, two or four successive layers of the word, with as many of the text or without. */
  private static List<UsageMix> mixes(int layers) {
    var mixes = new ArrayList<UsageMix>();
    for (int width : WIDTHS) {
      for (int first = 0; first + width <= layers; first++) {
        for (double weight : SENTENCE_WEIGHTS) {
          UsageMix words = UsageMix.words(first, first + width - 1);
          mixes.add(weight == 0 ? words : words.plusSentence(first, first + width - 1, weight));
        }
      }
    }
    return mixes;
  }

  /** The same as of the placed vectors, from the products of their layers. */
  private static double cosine(UsageMix mix, Products words, Products sentences) {
    double sum = 0;
    double weights = 0;
    for (UsageMix.Part part : mix.parts()) {
      Products of = part.of() == UsageMix.Of.WORDS ? words : sentences;
      sum += part.weight() * of.cosine(part.first(), part.last());
      weights += part.weight();
    }
    return sum / weights;
  }

  /** The inner products of the layers of two usages, for the cosines of sums of layers. */
  private static final class Products {
    private final double[][] across;
    private final double[][] first;
    private final double[][] second;

    Products(float[][] a, float[][] b) {
      across = products(a, b);
      first = products(a, a);
      second = products(b, b);
    }

    private static double[][] products(float[][] a, float[][] b) {
      var products = new double[a.length][a.length];
      for (int i = 0; i < a.length; i++) {
        // Sums are of at most four layers.
        for (int j = Math.max(0, i - 3); j <= Math.min(a.length - 1, i + 3); j++) {
          products[i][j] = Vectors.dot(a[i], b[j]);
        }
      }
      return products;
    }

    double cosine(int from, int to) {
      double squares = sum(first, from, to) * sum(second, from, to);
      return squares > 0 ? sum(across, from, to) / Math.sqrt(squares) : 0;
    }

    private static double sum(double[][] products, int from, int to) {
      double sum = 0;
      for (int i = from; i <= to; i++) {
        for (int j = from; j <= to; j++) {
          sum += products[i][j];
        }
      }
      return sum;
    }
  }

  /**
   * The least score that counts as the same sense.
   *
   * @param right of how many pairs it is right
   */
  record Threshold(double value, int right) {
    /** In the middle between two scores; of equally good ones the lowest. */
    static Threshold best(float[] scores, boolean[] same) {
      int[] order =
          IntStream.range(0, scores.length)
              .boxed()
              .sorted((a, b) -> Float.compare(scores[a], scores[b]))
              .mapToInt(Integer::intValue)
              .toArray();
      int right = 0;
      for (boolean s : same) {
        right += s ? 1 : 0;
      }
      // Below all of them, every pair counts as the same.
      double value = scores[order[0]] - 1;
      int most = right;
      for (int i = 0; i < order.length; i++) {
        right += same[order[i]] ? -1 : 1;
        boolean last = i + 1 == order.length;
        if (!last && scores[order[i]] == scores[order[i + 1]]) {
          continue;
        }
        if (right > most) {
          most = right;
          value =
              last ? scores[order[i]] + 1 : ((double) scores[order[i]] + scores[order[i + 1]]) / 2;
        }
      }
      return new Threshold(value, most);
    }
  }

  private static Head learnHead(UsageStates states, List<Example> examples, StandardSpace space) {
    List<Example> ordered =
        Stream.concat(
                examples.stream().filter(Example::same), examples.stream().filter(e -> !e.same))
            .toList();
    float[][] rows =
        ordered.stream()
            .map(e -> features(states, e.first, e.second, space))
            .toArray(float[][]::new);
    int dimension = rows[0].length;
    var means = new float[dimension];
    var scales = new float[dimension];
    for (int j = 0; j < dimension; j++) {
      double sum = 0;
      double squares = 0;
      for (float[] row : rows) {
        sum += row[j];
        squares += (double) row[j] * row[j];
      }
      double mean = sum / rows.length;
      double variance = Math.max(0, squares / rows.length - mean * mean);
      means[j] = (float) mean;
      scales[j] = variance < 1e-12 ? 0 : (float) (1 / Math.sqrt(variance));
    }
    var unfitted = new Head(means, scales, Head.NONE.regression);
    float[][] scaled = Stream.of(rows).map(unfitted::scaled).toArray(float[][]::new);
    int positives = (int) ordered.stream().filter(Example::same).count();
    return new Head(
        means, scales, LogisticRegression.fit(scaled, positives, PENALTY * scaled.length));
  }

  /** Four cosines a layer: of words and of sentences, as they are and standardised. */
  private static float[] features(UsageStates states, int first, int second, StandardSpace space) {
    int layers = states.layers();
    var features = new float[4 * layers];
    int at = 0;
    for (boolean ofWords : new boolean[] {true, false}) {
      UsageSpace standard = ofWords ? space.words() : space.sentences();
      float[][] a = ofWords ? states.words(first) : states.sentences(first);
      float[][] b = ofWords ? states.words(second) : states.sentences(second);
      float[][] standardA = StandardSpace.standardised(standard, a);
      float[][] standardB = StandardSpace.standardised(standard, b);
      for (int l = 0; l < layers; l++) {
        features[at++] = (float) Vectors.cosine(a[l], b[l]);
        features[at++] = (float) Vectors.cosine(standardA[l], standardB[l]);
      }
    }
    return features;
  }

  /** How it tells. */
  public Method method() {
    return method;
  }

  /** The name of the model whose hidden states it was learned of. */
  public String model() {
    return model;
  }

  /** The least score of the same sense. */
  public double threshold() {
    return threshold;
  }

  /** What it looks at, for people: the layers of {@link Method#THRESHOLD}, or all of them. */
  public String layers() {
    return method == Method.THRESHOLD
        ? mix.toString()
        : "words(0-%d), sentence(0-%1$d)".formatted(space.layers() - 1);
  }

  /**
   * Tells of two usages.
   *
   * @param first its row among the states
   * @param second likewise
   * @throws IllegalArgumentException if the states have other layers or dimensions than those that
   *     it was learned of
   */
  public Answer tell(UsageStates states, int first, int second) {
    if (states.layers() != space.layers() || states.dimension() != space.dimension()) {
      throw new IllegalArgumentException(
          "%d layers of %d dimensions, and it was learned of %d of %d"
              .formatted(states.layers(), states.dimension(), space.layers(), space.dimension()));
    }
    double score =
        method == Method.HEAD
            ? head.probability(features(states, first, second, space))
            : Vectors.dot(space.place(states, first, mix), space.place(states, second, mix));
    return new Answer(score, score >= threshold);
  }

  /**
   * Tells of two usages.
   *
   * @throws PolysemeException if the encoder is not of the model that it was learned of, or a text
   *     cannot be encoded
   */
  public Answer tell(Encoder encoder, Term.Usage first, Term.Usage second) {
    EncoderInfo info = encoder.info();
    if (!info.fingerprint().equals(fingerprint)) {
      throw new PolysemeException(
          ("this was learned of the model %s (%.8s), and the encoder is %s (%.8s); learn it again"
                  + " of this one")
              .formatted(model, fingerprint, info.card().name(), info.fingerprint()));
    }
    EncodeRequest request = UsageStates.request();
    var states = new UsageStates();
    for (Term.Usage usage : List.of(first, second)) {
      states.add(encoder.encode(TextInput.of(usage.text(), usage.span()), request));
    }
    return tell(states, 0, 1);
  }

  /**
   * Writes it to a JSON file of some hundred kilobytes; one that is there is replaced as a whole.
   *
   * @throws PolysemeException if it cannot be written
   */
  public void save(Path file) {
    var json = new JsonObject();
    json.addProperty("kind", KIND);
    json.addProperty("format", FORMAT);
    json.addProperty("method", method.toString());
    json.addProperty("model", model);
    json.addProperty("fingerprint", fingerprint);
    json.addProperty("threshold", threshold);
    if (method == Method.THRESHOLD) {
      json.addProperty("mix", mix.toString());
    } else {
      json.add("means", array(head.means));
      json.add("scales", array(head.scales));
      json.add("weights", array(head.regression.weights()));
      json.addProperty("intercept", head.regression.intercept());
    }
    json.addProperty("words", Base64.getEncoder().encodeToString(space.words().toBytes()));
    json.addProperty("sentences", Base64.getEncoder().encodeToString(space.sentences().toBytes()));
    Path target = file.toAbsolutePath();
    try {
      Path temporary = Files.createTempFile(target.getParent(), ".head-", ".json");
      try {
        Files.writeString(temporary, new Gson().toJson(json) + "\n");
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be written: %s".formatted(file, e), e);
    }
  }

  private static JsonArray array(float[] values) {
    var array = new JsonArray();
    for (float value : values) {
      array.add(value);
    }
    return array;
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws PolysemeException if there is no such file, or it is none of these
   */
  public static SameSense open(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(file, e), e);
    }
    try {
      JsonObject json = JsonParser.parseString(text).getAsJsonObject();
      if (!json.get("kind").getAsString().equals(KIND) || json.get("format").getAsInt() != FORMAT) {
        throw new IllegalStateException("another kind or format");
      }
      Method method = Method.valueOf(json.get("method").getAsString().toUpperCase(Locale.ROOT));
      var space = new StandardSpace(space(json, "words"), space(json, "sentences"));
      if (!Arrays.equals(space.words().layers(), space.sentences().layers())
          || space.words().dimension() != space.sentences().dimension()) {
        throw new IllegalStateException("words and sentences differ in layers or dimensions");
      }
      boolean headed = method == Method.HEAD;
      Head head =
          headed
              ? new Head(
                  floats(json, "means"),
                  floats(json, "scales"),
                  new LogisticRegression(
                      floats(json, "weights"), json.get("intercept").getAsDouble()))
              : Head.NONE;
      int features = headed ? 4 * space.layers() : 0;
      if (head.means.length != features
          || head.scales.length != features
          || head.regression.weights().length != features) {
        throw new IllegalStateException("there are not %d weights".formatted(features));
      }
      UsageMix mix = headed ? UsageMix.words(0, 0) : UsageMix.parse(json.get("mix").getAsString());
      if (mix.last() >= space.layers()) {
        throw new IllegalStateException("there is no layer " + mix.last());
      }
      return new SameSense(
          method,
          json.get("model").getAsString(),
          json.get("fingerprint").getAsString(),
          space,
          json.get("threshold").getAsDouble(),
          mix,
          head);
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | UnsupportedOperationException
        | NullPointerException
        | PolysemeException e) {
      throw new PolysemeException(
          "%s holds nothing that tells same senses (or is damaged): %s"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static UsageSpace space(JsonObject json, String name) {
    return UsageSpace.fromBytes(Base64.getDecoder().decode(json.get(name).getAsString()));
  }

  private static float[] floats(JsonObject json, String name) {
    List<JsonElement> elements = json.getAsJsonArray(name).asList();
    var values = new float[elements.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = elements.get(i).getAsFloat();
    }
    return values;
  }
}
