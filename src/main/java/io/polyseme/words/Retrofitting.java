package io.polyseme.words;

import com.carrotsearch.hppc.IntHashSet;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Maker;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Vectors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Word vectors drawn towards those of related words: retrofitting (Faruqui et al. 2015,
 * "Retrofitting Word Vectors to Semantic Lexicons"). The vectors q that make
 *
 * <pre>Σᵢ ( αᵢ ‖qᵢ − q̂ᵢ‖² + Σⱼ βᵢⱼ ‖qᵢ − qⱼ‖² )</pre>
 *
 * small, where q̂ are the space's own, at unit length, and j goes through the words related to i,
 * are found by setting each in turn, in the order of the space, to
 *
 * <pre>qᵢ = ( αᵢ q̂ᵢ + Σⱼ βᵢⱼ qⱼ ) / ( αᵢ + Σⱼ βᵢⱼ )</pre>
 *
 * Words that are related to none keep their direction. A lexicon's word is looked up as it is
 * written, otherwise in lower case or with its spaces and underscores exchanged.
 */
public final class Retrofitting {
  /** The property of a space that names the lexicon it was retrofitted to, and how. */
  public static final String PROPERTY = "retrofitted";

  private static final int CHUNK = 4096;

  private Retrofitting() {}

  /**
   * What came of it.
   *
   * @param words how many were written
   * @param related how many of them are related to another, and moved
   * @param relations how many pairs of them are related
   * @param lacking how many different words of the lexicon the space lacks
   * @param change how far a related word's vector moved in the last iteration, in the mean; what it
   *     was at first has length 1
   */
  public record Report(int words, int related, long relations, int lacking, double change) {}

  /**
   * Retrofits a space into a file, which appears whole or not at all. The vectors of related words
   * are held in memory, 4 bytes a number.
   *
   * @param space stays the caller's to close
   * @param name of the new space
   * @param out replaced where it is there
   * @throws PolysemeException if no two words of the space are related, or it is damaged; if {@code
   *     out} is its file, or cannot be written
   * @throws io.polyseme.CancelledException if cancelled or interrupted; nothing is left behind
   */
  public static Report retrofit(
      WordVectors space,
      WordRelations relations,
      RetrofitOptions options,
      String name,
      Path out,
      Progress progress,
      Cancel cancel) {
    WordFiles.requireOther(space.file(), out);
    space.verify(progress, cancel);
    Graph graph = Graph.of(space, relations, progress, cancel);
    if (graph.related() == 0) {
      throw new PolysemeException(
          "no two words of %s are related in the lexicon %s (%,d of its words are not there); is it of another language?"
              .formatted(space.info().name(), relations.name(), graph.lacking()));
    }
    LabelledRows units =
        new Processing(List.of(new Processing.UnitLength())).view(space, Progress.NONE, cancel);
    var moved = new Moved(units, new float[space.size()][]);
    double change = 0;
    for (int i = 0; i < options.iterations(); i++) {
      change = moved.iterate(graph, options, cancel);
      progress.update("retrofitting", i + 1L, options.iterations());
    }
    SpaceInfo info = info(space.info(), relations, options, name);
    WordVectorsWriter.write(moved, info, out, progress, cancel);
    return new Report(space.size(), graph.related(), graph.relations(), graph.lacking(), change);
  }

  private static SpaceInfo info(
      SpaceInfo info, WordRelations relations, RetrofitOptions options, String name) {
    Map<String, String> properties = new LinkedHashMap<>(info.properties());
    String maker = info.maker().model();
    properties.putIfAbsent(
        Combination.SPACES, maker.isEmpty() ? info.name() : info.name() + " (" + maker + ")");
    properties.merge(
        PROPERTY,
        "%s, %d iterations, alpha %s, beta %s"
            .formatted(
                relations.name(),
                options.iterations(),
                options.alpha(),
                options.beta().isPresent() ? options.beta().getAsDouble() : "1 / degree"),
        (before, now) -> before + "; " + now);
    // No maker: an encoder's vectors of further words would not lie among these.
    return new SpaceInfo(
        name, info.size(), info.dimension(), info.similarity(), Maker.UNKNOWN, properties);
  }

  /**
   * Which rows are related.
   *
   * @param neighbours of each row, ascending; null where there are none
   */
  private record Graph(int[] @Nullable [] neighbours, int related, long relations, int lacking) {
    static Graph of(WordVectors space, WordRelations relations, Progress progress, Cancel cancel) {
      var sets = new @Nullable IntHashSet[space.size()];
      Set<String> lacking = new HashSet<>();
      int read = 0;
      for (List<String> list : relations.lists()) {
        if (read++ % CHUNK == 0) {
          cancel.check();
          progress.update("reading the lexicon", read, relations.lists().size());
        }
        int[] rows = list.stream().mapToInt(space::rowFolded).toArray();
        for (int i = 0; i < rows.length; i++) {
          if (rows[i] < 0) {
            lacking.add(list.get(i));
          } else if (i > 0 && rows[0] >= 0 && rows[i] != rows[0]) {
            join(sets, rows[0], rows[i]);
            join(sets, rows[i], rows[0]);
          }
        }
      }
      var neighbours = new int[sets.length][];
      int related = 0;
      long ends = 0;
      for (int row = 0; row < sets.length; row++) {
        IntHashSet set = sets[row];
        if (set != null) {
          int[] ascending = set.toArray();
          Arrays.sort(ascending); // the order in which they are added shows in the last digits
          neighbours[row] = ascending;
          related++;
          ends += ascending.length;
        }
      }
      return new Graph(neighbours, related, ends / 2, lacking.size());
    }

    private static void join(@Nullable IntHashSet[] sets, int row, int to) {
      IntHashSet set = sets[row];
      if (set == null) {
        set = new IntHashSet();
        sets[row] = set;
      }
      set.add(to);
    }
  }

  /**
   * The rows at unit length, those that are related as they have been moved.
   *
   * @param vectors null for those that are not moved
   */
  private record Moved(LabelledRows units, float[] @Nullable [] vectors) implements LabelledRows {

    /** Moves all that are related; how far in the mean. */
    double iterate(Graph graph, RetrofitOptions options, Cancel cancel) {
      double sum = 0;
      for (int row = 0; row < vectors.length; row++) {
        if (row % CHUNK == 0) {
          cancel.check();
        }
        int[] neighbours = graph.neighbours()[row];
        if (neighbours != null) {
          sum += move(row, neighbours, options);
        }
      }
      return sum / graph.related();
    }

    private double move(int row, int[] neighbours, RetrofitOptions options) {
      double beta = options.beta().orElse(1.0 / neighbours.length);
      double total = options.alpha() + beta * neighbours.length;
      var vector = new float[dimension()];
      units.copyRow(row, vector);
      Vectors.scale(vector, (float) (options.alpha() / total));
      for (int neighbour : neighbours) {
        Vectors.addScaled(vector, vector(neighbour), (float) (beta / total));
      }
      float[] before = vector(row);
      double square = 0;
      for (int d = 0; d < vector.length; d++) {
        double difference = (double) vector[d] - before[d];
        square += difference * difference;
      }
      vectors[row] = vector;
      return Math.sqrt(square);
    }

    private float[] vector(int row) {
      float[] vector = vectors[row];
      if (vector == null) {
        vector = new float[dimension()];
        units.copyRow(row, vector);
      }
      return vector;
    }

    @Override
    public int size() {
      return units.size();
    }

    @Override
    public int dimension() {
      return units.dimension();
    }

    @Override
    public String label(int row) {
      return units.label(row);
    }

    @Override
    public int row(String label) {
      return units.row(label);
    }

    @Override
    public void copyRow(int row, float[] into) {
      System.arraycopy(vector(row), 0, into, 0, into.length);
    }

    @Override
    public OptionalLong frequency(int row) {
      return units.frequency(row);
    }
  }
}
