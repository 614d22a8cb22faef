package io.polyseme.words;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.PrincipalComponents;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Vectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Post-processing of a word space: steps, each of which is fitted to what the ones before it made
 * of all vectors, and applied to each. Vectors are read as often as steps need and written once;
 * none are held. Immutable and thread-safe.
 */
public final class Processing {
  /** The property of a space that names what was done to it, in order. */
  public static final String PROPERTY = "processed";

  private static final int CHUNK = 4096;

  private final List<Step> steps;

  /** One thing that is done to every vector. */
  public sealed interface Step {}

  /** The mean of all vectors is taken away from each. */
  public record RemoveMean() implements Step {
    @Override
    public String toString() {
      return "mean removed";
    }
  }

  /**
   * All-but-the-top (Mu and Viswanath 2018, "All-but-the-Top: Simple and Effective Postprocessing
   * for Word Representations", algorithm 1): the mean is taken away, and what lies along the first
   * principal components.
   *
   * @param components the paper's D, less than the dimension; 0 for its rule of thumb, a hundredth
   *     of the dimension, rounded and at least 1
   */
  public record AllButTheTop(int components) implements Step {
    public AllButTheTop {
      if (components < 0) {
        throw new IllegalArgumentException("components must not be negative: " + components);
      }
    }

    int of(int dimension) {
      int count = components == 0 ? Math.max(1, Math.round(dimension / 100f)) : components;
      if (count >= dimension) {
        throw new IllegalArgumentException(
            "all-but-the-top of %d components leaves nothing of %d dimensions; take away fewer"
                .formatted(count, dimension));
      }
      return count;
    }

    @Override
    public String toString() {
      return components == 0 ? "all but the top" : "all but the top " + components;
    }
  }

  /**
   * Vectors seen from their mean along the first principal components.
   *
   * @param count how many, from 1 to the dimension, which it becomes
   */
  public record Components(int count) implements Step {
    public Components {
      if (count < 1) {
        throw new IllegalArgumentException("components must be at least 1: " + count);
      }
    }

    @Override
    public String toString() {
      return count + " components";
    }
  }

  /** Every vector is made unit length; the zero vector stays what it is. */
  public record UnitLength() implements Step {
    @Override
    public String toString() {
      return "unit length";
    }
  }

  /**
   * Each vector is rounded to 8 bits a number and back, at a scale of its own: its greatest
   * absolute value becomes 127. The file gets no smaller; what an 8-bit copy would cost in accuracy
   * can be measured on it.
   */
  public record Quantise() implements Step {
    @Override
    public String toString() {
      return "8 bits";
    }
  }

  /**
   * What came of it.
   *
   * @param words how many were written
   * @param dimension of the vectors written
   * @param explained the share of the variance that {@link Components} kept, from 0 to 1; 1 without
   * @param meanCosine between vectors and their {@linkplain Quantise quantised} form, over all
   *     words; 1 without
   * @param leastCosine the least of these
   */
  public record Report(
      int words, int dimension, double explained, double meanCosine, double leastCosine) {}

  /**
   * @param steps in the order in which they are done; at least one
   */
  public Processing(List<Step> steps) {
    this.steps = List.copyOf(steps);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("there is nothing to do");
    }
  }

  /** The steps in order, with commas between. */
  @Override
  public String toString() {
    return steps.stream().map(Step::toString).collect(Collectors.joining(", "));
  }

  /**
   * Processes a space into a file, which appears whole or not at all.
   *
   * @param rows the space's vectors, read by many threads; stays the caller's to close
   * @param info the space's description; its maker and properties are kept, and the steps are added
   *     to the property {@value #PROPERTY}
   * @param name of the new space
   * @param out replaced where it is there; may be the file of {@code rows} itself
   * @throws IllegalArgumentException if a step does not fit the dimension, or there are no vectors
   * @throws io.polyseme.PolysemeException if it cannot be written
   * @throws io.polyseme.CancelledException if cancelled or interrupted; nothing is left behind
   */
  public Report apply(
      LabelledRows rows, SpaceInfo info, String name, Path out, Progress progress, Cancel cancel) {
    Pipeline pipeline = fit(rows, progress, cancel);
    Map<String, String> properties = new LinkedHashMap<>(info.properties());
    properties.merge(PROPERTY, toString(), (before, now) -> before + ", " + now);
    var made =
        new SpaceInfo(
            name, rows.size(), pipeline.dimension, info.similarity(), info.maker(), properties);
    var quantised = new Quantised();
    try (var writer = WordVectorsWriter.create(out, made)) {
      for (int first = 0; first < rows.size(); first += CHUNK) {
        cancel.check();
        int from = first;
        Row[] chunk =
            IntStream.range(from, Math.min(rows.size(), from + CHUNK))
                .parallel()
                .mapToObj(pipeline::row)
                .toArray(Row[]::new);
        for (int i = 0; i < chunk.length; i++) {
          quantised.add(chunk[i].cosine);
          writer.add(rows.label(from + i), chunk[i].vector, rows.frequency(from + i).orElse(-1));
        }
        progress.update("writing " + name, from + chunk.length, rows.size());
      }
      writer.commit();
    }
    return new Report(
        rows.size(),
        pipeline.dimension,
        pipeline.explained,
        rows.size() == 0 ? 1 : quantised.sum / rows.size(),
        quantised.least);
  }

  /** The rows as the steps make them: each anew whenever it is asked for. */
  LabelledRows view(LabelledRows rows, Progress progress, Cancel cancel) {
    return new Processed(rows, fit(rows, progress, cancel));
  }

  private Pipeline fit(LabelledRows rows, Progress progress, Cancel cancel) {
    var pipeline = new Pipeline(rows, cancel);
    for (Step step : steps) {
      progress.update("fitting: " + step, pipeline.changes.size(), steps.size());
      cancel.check();
      pipeline.add(step);
    }
    return pipeline;
  }

  private record Processed(LabelledRows rows, Pipeline pipeline) implements LabelledRows {
    @Override
    public int size() {
      return rows.size();
    }

    @Override
    public int dimension() {
      return pipeline.dimension;
    }

    @Override
    public String label(int row) {
      return rows.label(row);
    }

    @Override
    public int row(String label) {
      return rows.row(label);
    }

    @Override
    public void copyRow(int row, float[] into) {
      System.arraycopy(pipeline.row(row).vector, 0, into, 0, into.length);
    }

    @Override
    public OptionalLong frequency(int row) {
      return rows.frequency(row);
    }
  }

  private static final class Quantised {
    double sum;
    double least = 1;

    void add(double cosine) {
      sum += cosine;
      least = Math.min(least, cosine);
    }
  }

  /** A processed vector, and its cosine to what it was before it was quantised. */
  private record Row(float[] vector, double cosine) {}

  private interface Change {
    float[] of(float[] vector);
  }

  /** What the steps so far do to a row. */
  private static final class Pipeline {
    private final LabelledRows rows;
    private final Cancel cancel;
    final List<Change> changes = new ArrayList<>();
    int dimension;
    double explained = 1;

    Pipeline(LabelledRows rows, Cancel cancel) {
      this.rows = rows;
      this.cancel = cancel;
      this.dimension = rows.dimension();
    }

    void add(Step step) {
      switch (step) {
        case RemoveMean _ -> {
          double[] mean = PrincipalComponents.mean(rows.size(), dimension, this::read);
          changes.add(
              vector -> {
                var centred = new float[vector.length];
                for (int d = 0; d < centred.length; d++) {
                  centred[d] = (float) (vector[d] - mean[d]);
                }
                return centred;
              });
        }
        case AllButTheTop top -> changes.add(components(top.of(dimension))::without);
        case Components(int count) -> {
          PrincipalComponents components = components(count);
          explained *= components.explained();
          dimension = count;
          changes.add(components::project);
        }
        case UnitLength _ -> changes.add(Vectors::unitOrZero);
        case Quantise _ -> changes.add(new Rounding());
      }
    }

    private PrincipalComponents components(int count) {
      return PrincipalComponents.of(rows.size(), dimension, this::read, count);
    }

    private void read(int row, float[] into) {
      if (row % CHUNK == 0) {
        cancel.check();
      }
      System.arraycopy(row(row).vector, 0, into, 0, into.length);
    }

    Row row(int row) {
      var vector = new float[rows.dimension()];
      rows.copyRow(row, vector);
      double cosine = 1;
      for (Change change : changes) {
        float[] changed = change.of(vector);
        if (change instanceof Rounding && Vectors.squaredNorm(vector) > 0) {
          cosine *= Vectors.cosine(vector, changed);
        }
        vector = changed;
      }
      return new Row(vector, cosine);
    }
  }

  private static final class Rounding implements Change {
    @Override
    public float[] of(float[] vector) {
      float greatest = 0;
      for (float x : vector) {
        greatest = Math.max(greatest, Math.abs(x));
      }
      var rounded = new float[vector.length];
      float scale = greatest / Byte.MAX_VALUE;
      for (int d = 0; d < rounded.length && scale > 0; d++) {
        rounded[d] = Math.round(vector[d] / scale) * scale;
      }
      return rounded;
    }
  }
}
