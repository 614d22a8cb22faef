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
import io.polyseme.vector.PrincipalComponents;
import io.polyseme.vector.Rows;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import io.polyseme.words.WordVectorsWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
      var collected = new Collected(arena, words.size());
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
              collected.add(encoded.words().getFirst().vector());
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
      write(name, kept, collected.rows(), encoder.maker(request, Encoder.Target.WORD), out, cancel);
      return new Report(kept.size(), left);
    }
  }

  private void write(
      String name, List<String> words, Rows rows, Maker maker, Path out, Cancel cancel) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("language", encoder.info().card().language());
    properties.put("template", options.template());
    properties.put("mean removed", Boolean.toString(options.removeMean()));
    properties.put("components", Integer.toString(options.components()));
    properties.put("rank weight", Boolean.toString(options.rankWeight()));
    Transformation transformation = transformation(rows);
    int dimension = options.components() == 0 ? rows.dimension() : options.components();
    var info = new SpaceInfo(name, words.size(), dimension, Similarity.COSINE, maker, properties);
    try (var writer = WordVectorsWriter.create(out, info)) {
      var vector = new float[rows.dimension()];
      for (int row = 0; row < words.size(); row++) {
        if (row % 1024 == 0) {
          cancel.check();
        }
        rows.get(row, vector);
        float[] made = transformation.of(vector);
        if (options.rankWeight()) {
          Vectors.scale(made, (float) Math.log(row + 2.0));
        }
        writer.add(words.get(row), made);
      }
      writer.commit();
    }
  }

  private interface Transformation {
    float[] of(float[] vector);
  }

  private Transformation transformation(Rows rows) {
    if (options.components() > 0) {
      var components =
          PrincipalComponents.of(rows.count(), rows.dimension(), rows::get, options.components());
      if (options.removeMean()) {
        return components::project;
      }
      float[] origin = components.project(new float[rows.dimension()]);
      return vector -> {
        float[] projected = components.project(vector);
        Vectors.addScaled(projected, origin, -1);
        return projected;
      };
    }
    if (!options.removeMean()) {
      return float[]::clone;
    }
    double[] mean = PrincipalComponents.mean(rows.count(), rows.dimension(), rows::get);
    return vector -> {
      var centred = new float[vector.length];
      for (int d = 0; d < centred.length; d++) {
        centred[d] = (float) (vector[d] - mean[d]);
      }
      return centred;
    };
  }

  /** The vectors before all are known, off the heap. */
  private static final class Collected {
    private final Arena arena;
    private final int capacity;
    private @Nullable Rows all;
    private int count;

    Collected(Arena arena, int capacity) {
      this.arena = arena;
      this.capacity = capacity;
    }

    void add(float[] vector) {
      if (all == null) {
        all = Rows.allocate(arena, capacity, vector.length);
      }
      all.set(count++, vector);
    }

    Rows rows() {
      return new Rows(all.memory(), count, all.dimension());
    }
  }
}
