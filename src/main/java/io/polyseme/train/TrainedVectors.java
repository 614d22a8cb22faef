package io.polyseme.train;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Vectors;
import io.polyseme.words.FastTextModel;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordVectorsWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Word vectors as a training has left them, the commonest word first. Thread-safe. */
public final class TrainedVectors implements LabelledRows {
  private final List<String> words;
  private final long[] counts;
  private final Map<String, Integer> rows = new HashMap<>();
  private final TrainingOptions options;
  private final Weights weights;
  private final @Nullable SubwordRows subwords;
  private final long fingerprint;
  private final long tokens;

  TrainedVectors(TrainingTask task, TrainingStart start) {
    TrainingCorpus corpus = task.corpus();
    this.subwords = task.subwords();
    this.tokens = corpus.report().tokens() + start.knownTokens();
    this.words = corpus.words();
    this.options = task.options();
    this.weights = task.weights();
    this.fingerprint = corpus.report().fingerprint();
    this.counts = new long[words.size()];
    Arrays.setAll(counts, corpus::frequency);
    for (int i = 0; i < words.size(); i++) {
      rows.put(words.get(i), i);
    }
  }

  /** Throws where the numbers have grown beyond all bounds. */
  void requireFinite() {
    for (int i = 0; i < weights.scratch(); i++) {
      if (!Float.isFinite(weights.inputs[i])) {
        throw new PolysemeException(
            "the training diverged: take a smaller learning rate than " + options.firstRate());
      }
    }
  }

  @Override
  public int size() {
    return words.size();
  }

  @Override
  public int dimension() {
    return weights.dimension;
  }

  @Override
  public String label(int row) {
    return words.get(row);
  }

  @Override
  public int row(String label) {
    return rows.getOrDefault(label, -1);
  }

  @Override
  public void copyRow(int row, float[] into) {
    Objects.checkIndex(row, words.size());
    if (subwords == null) {
      weights.copyInput(row, into);
      return;
    }
    var places = new int[subwords.count(row)];
    subwords.copy(row, places, 0);
    Arrays.fill(into, 0);
    for (int place : places) {
      for (int d = 0; d < weights.dimension; d++) {
        into[d] += weights.inputs[place + d];
      }
    }
    Vectors.scale(into, 1f / places.length);
  }

  @Override
  public OptionalLong frequency(int row) {
    return OptionalLong.of(counts[row]);
  }

  /** What they are, to be recorded with them. */
  public SpaceInfo info(String name) {
    var properties = new LinkedHashMap<String, String>();
    properties.put("window", Integer.toString(options.window()));
    properties.put("negatives", Integer.toString(options.negatives()));
    properties.put("negative power", Double.toString(options.negativePower()));
    properties.put("epochs", Integer.toString(options.epochs()));
    properties.put("learning rate", Double.toString(options.firstRate()));
    properties.put("sample", Double.toString(options.sample()));
    properties.put("least count", Integer.toString(options.minCount()));
    properties.put("seed", Long.toString(options.seed()));
    properties.put("lower case", Boolean.toString(options.text().lowerCase()));
    properties.put("tokenised", Boolean.toString(options.text().tokenised()));
    properties.put("numbers", lower(options.text().numbers()));
    if (options.positionWeights()) {
      properties.put("position weights", "true");
    }
    properties.put("punctuation", lower(options.text().punctuation()));
    PhraseRule phrases = options.phrases();
    if (phrases != null) {
      properties.put("passes for phrases", Integer.toString(phrases.passes()));
      properties.put("threshold of phrases", Double.toString(phrases.threshold()));
      properties.put("least count of phrases", Integer.toString(phrases.minCount()));
    }
    return new SpaceInfo(
        name,
        words.size(),
        weights.dimension,
        Similarity.COSINE,
        new Maker(lower(options.model()), Long.toHexString(fingerprint), "", ""),
        properties);
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Writes our own file, with the words' counts. It appears whole or not at all.
   *
   * @param file replaced where it is there
   * @param name of the space
   * @throws PolysemeException if it cannot be written; the vectors are still here, to be written
   *     elsewhere
   * @throws io.polyseme.CancelledException if cancelled
   */
  public void write(Path file, String name, Progress progress, Cancel cancel) {
    try (var writer = WordVectorsWriter.create(file, info(name))) {
      writer.addAll(this, "writing word vectors", progress, cancel);
      if (options.subwords() != null) {
        writer.addSubwords(
            options.subwords(), (row, into) -> weights.copyInput(words.size() + row, into));
      }
      writer.commit();
    }
  }

  /**
   * Writes a model that fastText opens, with both matrices and the n-grams. It appears whole or not
   * at all.
   *
   * @throws PolysemeException if it cannot be written
   * @throws io.polyseme.CancelledException if cancelled
   */
  public void writeFastText(Path file, Progress progress, Cancel cancel) {
    var model =
        new FastTextModel(
            words,
            counts,
            tokens,
            options.subwords(),
            weights.dimension,
            options.model() == WordModel.SKIP_GRAM,
            options.window(),
            options.epochs(),
            options.minCount(),
            options.negatives(),
            options.sample(),
            weights::copyInput,
            weights::copyOutput);
    WordFiles.writeFastText(model, file, progress, cancel);
  }
}
