package io.polyseme.encoder;

import ai.onnxruntime.OrtException;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.model.Pooling;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Makes batches of windows, runs them and pools what comes out.
 *
 * @param layers the vectors that are wanted
 * @param pooling how a window's tokens become the sentence
 * @param singly whether a window must be run without companions, because the model's activations
 *     share one scale over the whole batch
 */
record BatchRunner(
    ModelSession session,
    int padding,
    List<Layers.Resolved> layers,
    Pooling pooling,
    boolean singly,
    int threads,
    int batchTokens,
    Stages stages) {
  /** So that the last batch of one thread is a small part of what it does while others wait. */
  private static final int BATCHES_A_THREAD = 8;

  /** In tokens. Matrix kernels are slower on fewer rows. */
  private static final int SMALLEST_BATCH = 96;

  /**
   * Windows of like length together, longest first, each batch within the token budget; smaller
   * batches where there would be too few for all threads to be busy to the end. Any order of the
   * windows gives the same vectors up to the rounding of the matrix kernels.
   */
  List<List<Window>> batches(List<Window> windows) {
    var sorted = new ArrayList<>(windows);
    sorted.sort(Comparator.comparingInt(Window::length).reversed());
    long tokens = 0;
    for (Window window : windows) {
      tokens += window.length();
    }
    long budget =
        Math.clamp(
            tokens / ((long) threads * BATCHES_A_THREAD),
            Math.min(SMALLEST_BATCH, batchTokens),
            batchTokens);
    var batches = new ArrayList<List<Window>>();
    var batch = new ArrayList<Window>();
    int width = 0;
    for (Window window : sorted) {
      if (batch.isEmpty()) {
        width = window.length();
      } else if (singly || (long) (batch.size() + 1) * width > budget) {
        batches.add(batch);
        batch = new ArrayList<>();
        width = window.length();
      }
      batch.add(window);
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  void run(List<Window> batch, Workspace workspace, Stop stop) {
    long start = System.nanoTime();
    var ids = new int[batch.size()][];
    int width = 0;
    for (int row = 0; row < ids.length; row++) {
      ids[row] = batch.get(row).row;
      width = Math.max(width, ids[row].length);
    }
    Map<Integer, FloatBuffer> hidden;
    try {
      hidden = session.run(workspace, ids, width, padding, stop);
    } catch (OrtException e) {
      if (stop.isSet()) {
        throw new CancelledException("cancelled");
      }
      throw new PolysemeException(
          "ONNX Runtime failed on a batch of %d texts of up to %d tokens: %s"
              .formatted(ids.length, width, ModelSession.firstLine(e)),
          e);
    }
    long ran = System.nanoTime();
    int dimension = session.dimension();
    var scratch = new Scratch(dimension);
    for (int layer = 0; layer < layers.size(); layer++) {
      Layers.Resolved wanted = layers.get(layer);
      var sources = new FloatBuffer[wanted.layers().length];
      for (int i = 0; i < sources.length; i++) {
        sources[i] = hidden.get(wanted.layers()[i]);
      }
      for (int row = 0; row < ids.length; row++) {
        var states = new States(sources, wanted.join(), row * width, dimension, scratch);
        pool(batch.get(row), layer, states);
      }
    }
    stages.running.add(ran - start);
    stages.pooling.add(System.nanoTime() - ran);
    stages.places.add((long) ids.length * width);
    for (int[] row : ids) {
      stages.tokens.add(row.length);
    }
  }

  private void pool(Window window, int layer, States states) {
    int shift = window.before - window.from;
    for (Pool.Part part : window.parts) {
      part.pooled[layer] =
          switch (part.pooling) {
            case FIRST -> states.copy(part.from + shift);
            case LAST -> states.copy(part.to - 1 + shift);
            case MEAN -> states.sum(part.from + shift, part.to + shift);
            case MAX -> states.max(part.from + shift, part.to + shift);
          };
    }
    if (window.sentence != null) {
      window.sentence[layer] =
          switch (pooling) {
            case CLS -> states.copy(0);
            case LAST -> states.copy(window.length() - 1);
            case MAX -> states.max(0, window.length());
            case MEAN -> {
              float[] sum = states.sum(window.ownFrom + shift, window.ownTo + shift);
              states.add(0, window.before, sum);
              states.add(window.afterText(), window.length(), sum);
              yield sum;
            }
          };
    }
  }

  /** Room for one hidden state, used again. */
  private record Scratch(float[] one, float[] other) {
    Scratch(int dimension) {
      this(new float[dimension], new float[dimension]);
    }
  }

  /** The hidden states of one row of a batch, several layers joined into one where asked. */
  private record States(
      FloatBuffer[] sources, Layers.Join join, int firstToken, int dimension, Scratch scratch) {

    private float[] at(int token) {
      int place = (firstToken + token) * dimension;
      float[] state = scratch.one;
      sources[0].get(place, state);
      for (int i = 1; i < sources.length; i++) {
        sources[i].get(place, scratch.other);
        for (int d = 0; d < dimension; d++) {
          state[d] += scratch.other[d];
        }
      }
      if (join == Layers.Join.MEAN) {
        for (int d = 0; d < dimension; d++) {
          state[d] /= sources.length;
        }
      }
      return state;
    }

    float[] copy(int token) {
      return at(token).clone();
    }

    float[] sum(int from, int to) {
      var sum = new float[dimension];
      add(from, to, sum);
      return sum;
    }

    void add(int from, int to, float[] sum) {
      for (int token = from; token < to; token++) {
        float[] state = at(token);
        for (int d = 0; d < dimension; d++) {
          sum[d] += state[d];
        }
      }
    }

    float[] max(int from, int to) {
      float[] max = copy(from);
      for (int token = from + 1; token < to; token++) {
        float[] state = at(token);
        for (int d = 0; d < dimension; d++) {
          max[d] = Math.max(max[d], state[d]);
        }
      }
      return max;
    }
  }
}
