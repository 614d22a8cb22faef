package io.polyseme.encoder;

import ai.onnxruntime.OrtException;
import io.polyseme.PolysemeException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Makes batches of windows, runs them and pools what comes out.
 *
 * @param layers the vectors that are wanted
 * @param singly whether a window must be run without companions, because the model's activations
 *     share one scale over the whole batch
 */
record BatchRunner(
    ModelSession session,
    Tokenizer tokenizer,
    int padding,
    EncodeRequest request,
    List<Layers.Resolved> layers,
    SentencePooler pooler,
    boolean singly,
    int batchTokens) {

  /**
   * Windows of like length together, longest first, each batch within the token budget. Any order
   * of the windows gives the same vectors up to the rounding of the matrix kernels.
   */
  List<List<TextJob.Window>> batches(List<TextJob.Window> windows) {
    var sorted = new ArrayList<>(windows);
    sorted.sort(Comparator.comparingInt(TextJob.Window::count).reversed());
    var batches = new ArrayList<List<TextJob.Window>>();
    var batch = new ArrayList<TextJob.Window>();
    int width = 0;
    for (TextJob.Window window : sorted) {
      if (batch.isEmpty()) {
        width = length(window);
      } else if (singly || (long) (batch.size() + 1) * width > batchTokens) {
        batches.add(batch);
        batch = new ArrayList<>();
        width = length(window);
      }
      batch.add(window);
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  private int length(TextJob.Window window) {
    return tokenizer.prefix().length + window.count() + tokenizer.suffix().length;
  }

  void run(List<TextJob.Window> batch, Workspace workspace) {
    var ids = new int[batch.size()][];
    int width = 0;
    for (int row = 0; row < ids.length; row++) {
      ids[row] = ids(batch.get(row));
      width = Math.max(width, ids[row].length);
    }
    Map<Integer, FloatBuffer> hidden;
    try {
      hidden = session.run(workspace, ids, width, padding);
    } catch (OrtException e) {
      throw new PolysemeException(
          "ONNX Runtime failed on a batch of %d texts of up to %d tokens: %s"
              .formatted(ids.length, width, ModelSession.firstLine(e)),
          e);
    }
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
        pool(batch.get(row), layer, states, ids[row].length);
      }
    }
  }

  private int[] ids(TextJob.Window window) {
    int[] prefix = tokenizer.prefix();
    int[] suffix = tokenizer.suffix();
    var row = new int[length(window)];
    System.arraycopy(prefix, 0, row, 0, prefix.length);
    System.arraycopy(window.job.tokens.ids(), window.from, row, prefix.length, window.count());
    System.arraycopy(suffix, 0, row, prefix.length + window.count(), suffix.length);
    return row;
  }

  private void pool(TextJob.Window window, int layer, States states, int rowLength) {
    int before = tokenizer.prefix().length;
    int shift = before - window.from;
    for (TextJob.Part part : window.parts) {
      part.pooled[layer] =
          switch (request.piecePooling()) {
            case FIRST -> states.copy(part.from + shift);
            case LAST -> states.copy(part.to - 1 + shift);
            case MEAN -> states.sum(part.from + shift, part.to + shift);
            case MAX -> states.max(part.from + shift, part.to + shift);
          };
    }
    if (request.sentence()) {
      int from = window.ownFrom + shift;
      int to = window.ownTo + shift;
      window.sentence[layer] =
          switch (pooler.pooling()) {
            case CLS -> states.copy(0);
            case LAST -> states.copy(rowLength - 1);
            case MAX -> states.max(0, rowLength);
            case MEAN -> {
              float[] sum = states.sum(from, to);
              states.add(0, before, sum);
              states.add(rowLength - tokenizer.suffix().length, rowLength, sum);
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
