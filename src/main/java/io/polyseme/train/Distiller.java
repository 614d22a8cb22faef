package io.polyseme.train;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Role;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Span;
import io.polyseme.words.WordVectorsWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Distils static word vectors out of an encoder: each word of a vocabulary is encoded on its own
 * (or in a template), its hidden state at a chosen layer is its vector, and the mean of all vectors
 * is taken away. The idea of Model2Vec (https://github.com/MinishLab/model2vec), but from an early
 * layer: the last ones are shaped by what the model was trained for, and solve far fewer analogies.
 */
public final class Distiller {
  private final Encoder encoder;
  private final DistilOptions options;

  /**
   * What became of a vocabulary.
   *
   * @param words how many got a vector
   * @param left words that got none, because the model's vocabulary has nothing for them
   */
  public record Report(int words, List<String> left) {
    public Report {
      left = List.copyOf(left);
    }
  }

  /**
   * @param encoder stays the caller's to close
   */
  public Distiller(Encoder encoder, DistilOptions options) {
    this.encoder = encoder;
    this.options = options;
  }

  /**
   * Distils a vocabulary into a file of word vectors, which appears whole or not at all.
   *
   * @param name of the space
   * @param vocabulary most frequent word first, where that is known; a word that comes twice counts
   *     once
   * @param out replaced where it is there
   * @throws io.polyseme.CancelledException if cancelled or interrupted; nothing is left behind
   */
  public Report distil(
      String name, Collection<String> vocabulary, Path out, Progress progress, Cancel cancel) {
    List<String> words = List.copyOf(new LinkedHashSet<>(vocabulary));
    if (words.isEmpty()) {
      throw new IllegalArgumentException("the vocabulary is empty");
    }
    EncodeRequest request =
        EncodeRequest.ofWords()
            .withWords(Words.GIVEN)
            .withRole(Role.NONE)
            .withLayers(options.layers())
            .withPiecePooling(options.piecePooling());
    int slot = options.template().indexOf(DistilOptions.SLOT);
    try (Arena arena = Arena.ofShared()) {
      var kept = new ArrayList<String>(words.size());
      var left = new ArrayList<String>();
      var rows = new Rows(arena, words.size());
      encoder.encodeAll(
          words.stream()
              .map(
                  word ->
                      TextInput.of(
                          options.template().replace(DistilOptions.SLOT, word),
                          new Span(slot, slot + word.length())))
              .iterator(),
          request,
          result -> {
            String word = words.get(Math.toIntExact(result.index()));
            progress.update("distilling " + name, result.index() + 1, words.size());
            if (result instanceof EncodeResult.Done(_, Encoded encoded)
                && encoded.unknownTokens()
                    < Math.max(encoded.words().getFirst().pieces().size(), 1)) {
              rows.add(encoded.words().getFirst().vector());
              kept.add(word);
            } else {
              left.add(word);
            }
          },
          cancel);
      if (kept.isEmpty()) {
        throw new PolysemeException(
            "%s knows none of the %d words".formatted(encoder.info().card().name(), words.size()));
      }
      write(name, kept, rows, encoder.maker(request, Encoder.Target.WORD), out, cancel);
      return new Report(kept.size(), left);
    }
  }

  private void write(
      String name, List<String> words, Rows rows, Maker maker, Path out, Cancel cancel) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("language", encoder.info().card().language());
    properties.put("template", options.template());
    properties.put("mean removed", Boolean.toString(options.removeMean()));
    properties.put("rank weight", Boolean.toString(options.rankWeight()));
    double[] mean = options.removeMean() ? rows.mean() : new double[rows.dimension()];
    var info =
        new SpaceInfo(name, words.size(), rows.dimension(), Similarity.COSINE, maker, properties);
    try (var writer = WordVectorsWriter.create(out, info)) {
      var vector = new float[rows.dimension()];
      for (int row = 0; row < words.size(); row++) {
        if (row % 1024 == 0) {
          cancel.check();
        }
        rows.get(row, vector);
        double weight = options.rankWeight() ? Math.log(row + 2.0) : 1;
        for (int d = 0; d < vector.length; d++) {
          vector[d] = (float) (weight * (vector[d] - mean[d]));
        }
        writer.add(words.get(row), vector);
      }
      writer.commit();
    }
  }

  /** The vectors before the mean is known, off the heap. */
  private static final class Rows {
    private final Arena arena;
    private final int capacity;
    private MemorySegment memory = MemorySegment.NULL;
    private int dimension;
    private int count;

    Rows(Arena arena, int capacity) {
      this.arena = arena;
      this.capacity = capacity;
    }

    int dimension() {
      return dimension;
    }

    void add(float[] vector) {
      if (count == 0) {
        dimension = vector.length;
        memory = arena.allocate((long) capacity * dimension * Float.BYTES, 64);
      }
      MemorySegment.copy(vector, 0, memory, ValueLayout.JAVA_FLOAT, offset(count), dimension);
      count++;
    }

    void get(int row, float[] into) {
      MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT, offset(row), into, 0, dimension);
    }

    double[] mean() {
      var mean = new double[dimension];
      var vector = new float[dimension];
      for (int row = 0; row < count; row++) {
        get(row, vector);
        for (int d = 0; d < dimension; d++) {
          mean[d] += vector[d];
        }
      }
      for (int d = 0; d < dimension; d++) {
        mean[d] /= count;
      }
      return mean;
    }

    private long offset(int row) {
      return (long) row * dimension * Float.BYTES;
    }
  }
}
