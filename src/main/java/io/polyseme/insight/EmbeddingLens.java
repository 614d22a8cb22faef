package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.WholeFile;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.vector.RidgeRegression;
import io.polyseme.vector.TopK;
import io.polyseme.vector.Vectors;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What each layer of an encoder without a language-model head "thinks" of a place in a text: its
 * hidden state is taken to the space of the model's own word embeddings by a linear map that is
 * learned from a corpus for each layer (the tuned lens of Belrose et al. 2023, with the table of
 * embeddings for a head), and named by the nearest embeddings. Half of the places it is learned
 * from were masked, half not: so it shows how long a state still says which word stands there, and
 * when it begins to say what would fit. Immutable and thread-safe.
 */
public final class EmbeddingLens {
  private static final int MAGIC = 0x504c454e;
  private static final int VERSION = 1;
  private static final double RIDGE = 1e-3;

  /** The share of tokens that are masked in a text that it learns from (BERT's). */
  private static final double MASKED = 0.15;

  /** One text in so many is kept for testing. */
  private static final int HELD_OUT = 10;

  /** How many places of each kind are tested, at most: each is compared with all the embeddings. */
  private static final int TESTED = 150;

  private final String fingerprint;
  private final float[][][] maps;
  private final double[] seen;
  private final double[] hidden;
  private final double floor;
  private final int positions;
  private final List<String> pieces;
  private final float[][] units;
  private final float[] centre;

  /**
   * A piece of the vocabulary.
   *
   * @param score cosine with its embedding, the mean embedding taken off
   */
  public record Candidate(String piece, int id, float score) {}

  private EmbeddingLens(
      Inside inside,
      float[] table,
      float[][][] maps,
      double[] seen,
      double[] hidden,
      double floor,
      int positions) {
    this.fingerprint = inside.info().fingerprint();
    this.maps = maps;
    this.seen = seen;
    this.hidden = hidden;
    this.floor = floor;
    this.positions = positions;
    this.pieces = inside.vocabulary();
    int dimension = inside.info().dimension();
    int rows = Math.min(pieces.size(), table.length / dimension);
    this.centre = centre(table, dimension);
    this.units = new float[rows][];
    for (int row = 0; row < rows; row++) {
      var unit = new float[dimension];
      System.arraycopy(table, row * dimension, unit, 0, dimension);
      Vectors.addScaled(unit, centre, -1);
      units[row] = Vectors.unitOrZero(unit);
    }
  }

  private static float[] centre(float[] table, int dimension) {
    var sum = new double[dimension];
    for (int i = 0; i < table.length; i++) {
      sum[i % dimension] += table[i];
    }
    var centre = new float[dimension];
    for (int d = 0; d < dimension; d++) {
      centre[d] = (float) (sum[d] * dimension / table.length);
    }
    return centre;
  }

  /**
   * Learns a lens.
   *
   * @param texts running text; what is longer than the model's window is left out
   * @param positions how many places to learn from, half of them masked
   * @throws PolysemeException if the model has no table of embeddings or no mask, or there is too
   *     little text
   */
  public static EmbeddingLens learn(
      Inside inside,
      Iterator<String> texts,
      int positions,
      long seed,
      Progress progress,
      Cancel cancel) {
    int mask =
        inside
            .maskId()
            .orElseThrow(
                () ->
                    new PolysemeException(
                        "%s has no token for what is masked: no lens can be learned"
                            .formatted(inside.info().card().name())));
    int dimension = inside.info().dimension();
    float[] table = inside.wordEmbeddings();
    float[] centre = centre(table, dimension);
    int layers = inside.layers() + 1;
    var regressions = new ArrayList<RidgeRegression>();
    for (int layer = 0; layer < layers; layer++) {
      regressions.add(new RidgeRegression(dimension + 1, dimension));
    }
    var random = new SplittableRandom(seed);
    var portion = new Portion(layers);
    var test = new Portion(layers);
    var counts = new int[2]; // places learned from; texts
    var chosen = new ArrayDeque<List<Place>>();
    var leftOut = new int[1];
    Iterator<TokenisedText> masked =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return counts[0] < positions && texts.hasNext();
          }

          @Override
          public TokenisedText next() {
            while (true) {
              String text = texts.next();
              try {
                TokenisedText tokens = inside.tokenise(text);
                List<Place> places = new ArrayList<>();
                TokenisedText hiding = hide(tokens, mask, random, places);
                boolean held = counts[1]++ % HELD_OUT == HELD_OUT - 1;
                places.replaceAll(p -> new Place(p.token, p.id, p.masked, held));
                chosen.add(places);
                return hiding;
              } catch (PolysemeException e) {
                leftOut[0]++;
                if (!texts.hasNext()) { // nothing in it, or too much
                  chosen.add(List.of());
                  return inside.tokenise("a");
                }
              }
            }
          }
        };
    inside.activations(
        masked,
        ActivationRequest.of(WordPath.states(inside)),
        values -> {
          for (Place place : chosen.remove()) {
            if (place.held) {
              if (test.count(place.masked) < TESTED) {
                test.add(values, place, null);
              }
            } else if (counts[0] < positions) {
              counts[0]++;
              portion.add(values, place, embedding(table, centre, place.id));
            }
          }
          if (portion.size() >= 4096) {
            portion.learn(regressions);
            progress.update("learning the lens", counts[0], positions);
          }
        },
        cancel);
    portion.learn(regressions);
    if (counts[0] < dimension || test.size() == 0) {
      throw new PolysemeException(
          "the text has %d positions to learn from, and a lens of %s needs some thousands; %d texts were left out, because they are empty or longer than the model's window: give a sentence or paragraph a line"
              .formatted(counts[0], inside.info().card().name(), leftOut[0]));
    }
    var maps = new float[layers][][];
    for (int layer = 0; layer < layers; layer++) {
      cancel.check();
      maps[layer] = regressions.get(layer).solve(RIDGE);
    }
    var lens =
        new EmbeddingLens(
            inside, table, maps, new double[layers], new double[layers], test.floor(), counts[0]);
    for (int layer = 0; layer < layers; layer++) {
      progress.update("testing the lens", layer, layers);
      cancel.check();
      lens.seen[layer] = test.right(lens, layer, false);
      lens.hidden[layer] = test.right(lens, layer, true);
    }
    progress.update("testing the lens", layers, layers);
    return lens;
  }

  /** A place in a text, and the piece that stands there. */
  private record Place(int token, int id, boolean masked, boolean held) {}

  /** Masks some tokens, and chooses as many that are not. */
  private static TokenisedText hide(
      TokenisedText text, int mask, SplittableRandom random, List<Place> places) {
    int[] ids = text.ids();
    for (int token = 0; token < ids.length; token++) {
      if (text.special(token)) {
        continue;
      }
      double drawn = random.nextDouble();
      if (drawn < 2 * MASKED) {
        boolean masked = drawn < MASKED;
        places.add(new Place(token, ids[token], masked, false));
        if (masked) {
          ids[token] = mask;
        }
      }
    }
    return text.withIds(ids);
  }

  private static float[] embedding(float[] table, float[] centre, int id) {
    var vector = new float[centre.length];
    System.arraycopy(table, id * centre.length, vector, 0, centre.length);
    Vectors.addScaled(vector, centre, -1);
    return vector;
  }

  /** States at some places, in all layers, and what stands there. */
  private static final class Portion {
    private final List<List<float[]>> states = new ArrayList<>();
    private final List<float[]> outcomes = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();

    Portion(int layers) {
      for (int layer = 0; layer < layers; layer++) {
        states.add(new ArrayList<>());
      }
    }

    int size() {
      return places.size();
    }

    int count(boolean masked) {
      return (int) places.stream().filter(place -> place.masked == masked).count();
    }

    void add(Activations values, Place place, float @Nullable [] outcome) {
      places.add(place);
      if (outcome != null) {
        outcomes.add(outcome);
      }
      for (int layer = 0; layer < states.size(); layer++) {
        states.get(layer).add(extended(values.at(new Tap.HiddenState(layer), place.token)));
      }
    }

    void learn(List<RidgeRegression> regressions) {
      if (places.isEmpty()) {
        return;
      }
      for (int layer = 0; layer < states.size(); layer++) {
        regressions
            .get(layer)
            .add(states.get(layer).toArray(float[][]::new), outcomes.toArray(float[][]::new));
        states.get(layer).clear();
      }
      outcomes.clear();
      places.clear();
    }

    /** The share of the commonest piece among those that are masked. */
    double floor() {
      Map<Integer, Integer> counts = new HashMap<>();
      places.stream()
          .filter(place -> place.masked)
          .forEach(place -> counts.merge(place.id, 1, Integer::sum));
      return counts.values().stream().mapToInt(n -> n).max().orElse(0) / Math.max(1.0, count(true));
    }

    /** The share of places whose piece is the nearest. */
    double right(EmbeddingLens lens, int layer, boolean masked) {
      int asked = 0;
      int right = 0;
      for (int i = 0; i < places.size(); i++) {
        if (places.get(i).masked == masked) {
          asked++;
          List<Candidate> nearest = lens.nearest(layer, states.get(layer).get(i), 1);
          right += nearest.getFirst().id == places.get(i).id ? 1 : 0;
        }
      }
      return asked == 0 ? Double.NaN : (double) right / asked;
    }
  }

  /** A state with a one after it, for what the map adds. */
  private static float[] extended(float[] state) {
    float[] extended = Arrays.copyOf(state, state.length + 1);
    extended[state.length] = 1;
    return extended;
  }

  /** How many places it was learned from. */
  public int positions() {
    return positions;
  }

  /** The number of layers, the embeddings included. */
  public int layers() {
    return maps.length;
  }

  /**
   * How often, at held-out places, the nearest embedding is of the piece that stands there and that
   * the model was shown.
   */
  public double shown(int layer) {
    return seen[layer];
  }

  /** How often the commonest piece would be right at the masked places. */
  public double floor() {
    return floor;
  }

  /** As {@link #shown}, of places whose piece was masked. */
  public double masked(int layer) {
    return hidden[layer];
  }

  /**
   * What a state says.
   *
   * @param state of this layer, float[dimension]
   * @param k how many, most likely first
   */
  public List<Candidate> candidates(int layer, float[] state, int k) {
    return nearest(layer, extended(state), k);
  }

  private List<Candidate> nearest(int layer, float[] extended, int k) {
    float[][] map = maps[layer];
    var mapped = new float[map.length];
    for (int d = 0; d < mapped.length; d++) {
      mapped[d] = Vectors.dot(map[d], extended);
    }
    float[] unit = Vectors.unitOrZero(mapped);
    var best = new TopK(Math.min(k, units.length), Integer::compare);
    for (int row = 0; row < units.length; row++) {
      best.offer(row, Vectors.dot(units[row], unit));
    }
    var candidates = new ArrayList<Candidate>();
    TopK.Best found = best.drain();
    for (int i = 0; i < found.rows().length; i++) {
      int row = found.rows()[i];
      candidates.add(new Candidate(pieces.get(row), row, (float) found.scores()[i]));
    }
    return candidates;
  }

  /** Writes it to a file, for the same model to use again. */
  public void save(Path file) {
    WholeFile.write(
        file,
        out -> {
          var sum = new CheckedOutputStream(out, new CRC32());
          var data = new DataOutputStream(sum);
          data.writeInt(MAGIC);
          data.writeInt(VERSION);
          data.writeUTF(fingerprint);
          data.writeDouble(floor);
          data.writeInt(positions);
          data.writeInt(maps.length);
          data.writeInt(maps[0].length);
          for (int layer = 0; layer < maps.length; layer++) {
            data.writeDouble(seen[layer]);
            data.writeDouble(hidden[layer]);
            for (float[] row : maps[layer]) {
              for (float value : row) {
                data.writeFloat(value);
              }
            }
          }
          long checksum = sum.getChecksum().getValue();
          data.writeLong(checksum);
          data.flush();
        });
  }

  /**
   * Reads a lens that was saved.
   *
   * @throws PolysemeException if there is none, it is damaged or of another version, or it is of
   *     another model
   */
  public static EmbeddingLens read(Path file, Inside inside) {
    try (var in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      var sum = new CheckedInputStream(in, new CRC32());
      var data = new DataInputStream(sum);
      if (data.readInt() != MAGIC) {
        throw new PolysemeException(file + " is no lens");
      }
      int version = data.readInt();
      if (version != VERSION) {
        throw new PolysemeException(
            "%s is a lens of version %d, and this program reads %d; learn it again"
                .formatted(file, version, VERSION));
      }
      if (!data.readUTF().equals(inside.info().fingerprint())) {
        throw new PolysemeException(
            "%s is a lens of another model than %s".formatted(file, inside.info().card().name()));
      }
      double floor = data.readDouble();
      int positions = data.readInt();
      int layers = data.readInt();
      int dimension = data.readInt();
      if (layers != inside.layers() + 1 || dimension != inside.info().dimension()) {
        throw new PolysemeException(file + " is damaged; learn it again");
      }
      var maps = new float[layers][dimension][dimension + 1];
      var seen = new double[layers];
      var hidden = new double[layers];
      for (int layer = 0; layer < layers; layer++) {
        seen[layer] = data.readDouble();
        hidden[layer] = data.readDouble();
        for (float[] row : maps[layer]) {
          for (int i = 0; i < row.length; i++) {
            row[i] = data.readFloat();
          }
        }
      }
      long checksum = sum.getChecksum().getValue();
      if (data.readLong() != checksum) {
        throw new PolysemeException(file + " is damaged; learn it again");
      }
      return new EmbeddingLens(
          inside, inside.wordEmbeddings(), maps, seen, hidden, floor, positions);
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no lens " + file, e);
    } catch (IOException e) {
      throw new PolysemeException("%s is damaged, or cannot be read: %s".formatted(file, e), e);
    }
  }
}
