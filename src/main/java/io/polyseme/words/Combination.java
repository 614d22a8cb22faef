package io.polyseme.words;

import com.carrotsearch.hppc.IntArrayList;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Similarity;
import io.polyseme.vector.SpaceInfo;
import io.polyseme.vector.Vectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One word space out of several, by the words they share: concatenated (Yin and Schütze 2016,
 * "Learning Word Meta-Embeddings", CONC) or averaged (Coates and Bollegala 2018, "Frustratingly
 * Easy Meta-Embedding - Computing Meta-Embeddings by Averaging Source Word Embeddings"). Every
 * vector is made unit length first.
 *
 * <p>Before they are averaged, spaces are {@linkplain Alignment aligned} to one of them, the first
 * of those with the most dimensions, by the words both have: that is as if the others had been
 * filled up with zeros and then turned, so that nothing of them is lost, and each alone has the
 * cosines it had. (Where two spaces share fewer words than the smaller has dimensions, what those
 * words tell nothing of is lost.)
 */
public final class Combination {
  /** The property of a combined space that says how it was combined. */
  public static final String PROPERTY = "combined";

  /** The property of a combined space that names what it was made of. */
  public static final String SPACES = "spaces";

  /** How many dimensions a combined space may have. */
  public static final int MOST_DIMENSIONS = 10_000;

  private static final int CHUNK = 4096;

  private Combination() {}

  /**
   * What came of it.
   *
   * @param words how many were written
   * @param dimension of the vectors written
   * @param common how many of the words all spaces have
   * @param present how many of the words each space has, in the order of the spaces
   * @param frequencies whether the words have frequencies: those of the first space that has them,
   *     if it has them of all words that were written
   */
  public record Report(
      int words, int dimension, int common, List<Integer> present, boolean frequencies) {
    public Report {
      present = List.copyOf(present);
    }
  }

  /**
   * Combines spaces into a file, which appears whole or not at all. Words are the same where they
   * are written the same. They come in the order of the first space that has frequencies, or of the
   * first, and then in that of the others.
   *
   * @param spaces at least two; stay the caller's to close
   * @param name of the new space
   * @param out replaced where it is there
   * @throws IllegalArgumentException if there is one space only, or not a weight for each
   * @throws PolysemeException if a space shares no word with the others, or is damaged; if the
   *     dimensions are more than {@value #MOST_DIMENSIONS}; if {@code out} is the file of one of
   *     the spaces, or cannot be written
   * @throws io.polyseme.CancelledException if cancelled or interrupted; nothing is left behind
   */
  public static Report combine(
      List<WordVectors> spaces,
      CombinationOptions options,
      String name,
      Path out,
      Progress progress,
      Cancel cancel) {
    if (spaces.size() < 2) {
      throw new IllegalArgumentException(
          "there is nothing to combine in %d space; name at least two".formatted(spaces.size()));
    }
    List<Double> weights = options.weightsOf(spaces.size());
    int dimension = dimension(spaces, options.method());
    spaces.forEach(space -> WordFiles.requireOther(space.file(), out));
    spaces.forEach(space -> space.verify(progress, cancel));
    Words words = Words.of(spaces, options.vocabulary(), progress, cancel);
    words.requireShared();
    List<Processing.Step> steps = new ArrayList<>();
    if (options.centred()) {
      steps.add(new Processing.RemoveMean());
    }
    steps.add(new Processing.UnitLength());
    var processing = new Processing(steps);
    List<LabelledRows> rows = new ArrayList<>();
    for (WordVectors space : spaces) {
      rows.add(processing.view(space, progress, cancel));
    }
    LabelledRows combined =
        switch (options.method()) {
          case CONCATENATE -> new Concatenated(words, rows, weights, dimension);
          case AVERAGE ->
              new Averaged(
                  words,
                  rows,
                  align(spaces, rows, dimension, options.threads(), progress, cancel),
                  weights,
                  dimension);
        };
    WordVectorsWriter.write(
        combined, info(spaces, options, weights, name, combined), out, progress, cancel);
    return words.report(dimension);
  }

  private static int dimension(List<WordVectors> spaces, CombinationOptions.Method method) {
    IntStream dimensions = spaces.stream().mapToInt(WordVectors::dimension);
    long dimension =
        switch (method) {
          case CONCATENATE -> dimensions.asLongStream().sum();
          case AVERAGE -> dimensions.max().orElseThrow();
        };
    if (dimension > MOST_DIMENSIONS) {
      throw new PolysemeException(
          "the spaces would make %,d dimensions, and at most %,d can be; process them to fewer components first"
              .formatted(dimension, MOST_DIMENSIONS));
    }
    return (int) dimension;
  }

  /** The maps into the space that is not mapped itself, whose place is null. */
  private static List<@Nullable Alignment> align(
      List<WordVectors> spaces,
      List<LabelledRows> rows,
      int dimension,
      int threads,
      Progress progress,
      Cancel cancel) {
    int target =
        IntStream.range(0, rows.size())
            .filter(s -> rows.get(s).dimension() == dimension)
            .findFirst()
            .orElseThrow();
    AlignmentOptions options = AlignmentOptions.DEFAULT.withVocabulary(1).withThreads(threads);
    List<@Nullable Alignment> alignments = new ArrayList<>();
    for (int s = 0; s < rows.size(); s++) {
      progress.update("aligning", s, rows.size());
      cancel.check();
      if (s == target) {
        alignments.add(null);
        continue;
      }
      Dictionary shared = shared(spaces.get(s), spaces.get(target));
      alignments.add(
          Alignment.learn(rows.get(s), rows.get(target), shared, options, progress, cancel));
    }
    return alignments;
  }

  private static Dictionary shared(WordVectors source, WordVectors target) {
    List<Dictionary.Pair> pairs =
        source.labels().stream()
            .filter(target::contains)
            .map(word -> new Dictionary.Pair(word, word))
            .toList();
    if (pairs.isEmpty()) {
      throw new PolysemeException(
          "%s cannot be aligned to %s: they have no word in common"
              .formatted(source.info().name(), target.info().name()));
    }
    return new Dictionary(pairs);
  }

  private static SpaceInfo info(
      List<WordVectors> spaces,
      CombinationOptions options,
      List<Double> weights,
      String name,
      LabelledRows combined) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put(
        SPACES,
        spaces.stream()
            .map(WordVectors::info)
            .map(
                info ->
                    info.maker().model().isEmpty()
                        ? info.name()
                        : "%s (%s)".formatted(info.name(), info.maker().model()))
            .collect(Collectors.joining(", ")));
    properties.put(
        PROPERTY,
        Stream.<Enum<?>>of(options.method(), options.vocabulary())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "))
            + (options.centred() ? ", centred" : ""));
    properties.put(
        "weights", weights.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    return new SpaceInfo(
        name, combined.size(), combined.dimension(), Similarity.COSINE, Maker.UNKNOWN, properties);
  }

  /**
   * The words that are taken, and where they are.
   *
   * @param lists the word's row in each space, -1 where that lacks it: a list for each space
   * @param leader the space whose frequencies are taken, or the first
   */
  private record Words(List<WordVectors> spaces, List<IntArrayList> lists, int leader) {

    static Words of(
        List<WordVectors> spaces,
        CombinationOptions.Vocabulary vocabulary,
        Progress progress,
        Cancel cancel) {
      int leader =
          IntStream.range(0, spaces.size())
              .filter(s -> spaces.get(s).size() > 0 && spaces.get(s).frequency(0).isPresent())
              .findFirst()
              .orElse(0);
      List<IntArrayList> lists = spaces.stream().map(_ -> new IntArrayList()).toList();
      int[] order =
          IntStream.concat(
                  IntStream.of(leader),
                  IntStream.range(0, spaces.size())
                      .filter(s -> vocabulary == CombinationOptions.Vocabulary.ALL && s != leader))
              .toArray();
      var found = new int[spaces.size()];
      for (int o = 0; o < order.length; o++) {
        WordVectors space = spaces.get(order[o]);
        for (int row = 0; row < space.size(); row++) {
          if (row % CHUNK == 0) {
            cancel.check();
            progress.update("comparing the words", row, space.size());
          }
          String word = space.label(row);
          for (int s = 0; s < found.length; s++) {
            found[s] = s == order[o] ? row : spaces.get(s).row(word);
          }
          boolean taken =
              vocabulary == CombinationOptions.Vocabulary.ALL
                  ? Arrays.stream(order, 0, o).allMatch(before -> found[before] < 0)
                  : Arrays.stream(found).allMatch(place -> place >= 0);
          for (int s = 0; taken && s < found.length; s++) {
            lists.get(s).add(found[s]);
          }
        }
      }
      return new Words(spaces, lists, leader);
    }

    int size() {
      return lists.getFirst().size();
    }

    /** The row in a space, or -1. */
    int row(int space, int word) {
      return lists.get(space).get(word);
    }

    String label(int word) {
      for (int s = 0; s < spaces.size(); s++) {
        if (row(s, word) >= 0) {
          return spaces.get(s).label(row(s, word));
        }
      }
      throw new IllegalStateException();
    }

    OptionalLong frequency(int word) {
      int row = row(leader, word);
      return row < 0 ? OptionalLong.empty() : spaces.get(leader).frequency(row);
    }

    private int common() {
      return (int)
          IntStream.range(0, size())
              .filter(word -> lists.stream().allMatch(list -> list.get(word) >= 0))
              .count();
    }

    void requireShared() {
      for (int s = 0; s < spaces.size(); s++) {
        int space = s;
        boolean shared =
            IntStream.range(0, size())
                .filter(word -> row(space, word) >= 0)
                .anyMatch(word -> lists.stream().filter(list -> list.get(word) >= 0).count() > 1);
        if (!shared) {
          throw new PolysemeException(
              size() == 0
                  ? "the spaces have no word in common; are their words written alike, in case too?"
                  : "%s has no word in common with the other spaces; are their words written alike, in case too?"
                      .formatted(spaces.get(s).info().name()));
        }
      }
    }

    Report report(int dimension) {
      List<Integer> present =
          lists.stream()
              .map(list -> (int) Arrays.stream(list.toArray()).filter(row -> row >= 0).count())
              .toList();
      boolean frequencies =
          spaces.get(leader).frequency(0).isPresent() && present.get(leader) == size();
      return new Report(size(), dimension, common(), present, frequencies);
    }
  }

  /** What the two kinds of combined rows have in common: the labels. */
  private interface Combined extends LabelledRows {
    Words words();

    @Override
    default int size() {
      return words().size();
    }

    @Override
    default String label(int row) {
      return words().label(row);
    }

    @Override
    default int row(String label) {
      throw new UnsupportedOperationException("rows that are only written");
    }

    @Override
    default OptionalLong frequency(int row) {
      return words().frequency(row);
    }
  }

  private record Concatenated(
      Words words, List<LabelledRows> rows, List<Double> weights, int dimension)
      implements Combined {
    @Override
    public void copyRow(int row, float[] into) {
      Arrays.fill(into, 0);
      int at = 0;
      for (int s = 0; s < rows.size(); s++) {
        LabelledRows space = rows.get(s);
        if (words.row(s, row) >= 0) {
          var part = new float[space.dimension()];
          space.copyRow(words.row(s, row), part);
          Vectors.scale(part, weights.get(s).floatValue());
          System.arraycopy(part, 0, into, at, part.length);
        }
        at += space.dimension();
      }
    }
  }

  private record Averaged(
      Words words,
      List<LabelledRows> rows,
      List<@Nullable Alignment> alignments,
      List<Double> weights,
      int dimension)
      implements Combined {
    @Override
    public void copyRow(int row, float[] into) {
      Arrays.fill(into, 0);
      double sum = 0;
      for (int s = 0; s < rows.size(); s++) {
        if (words.row(s, row) >= 0) {
          var vector = new float[rows.get(s).dimension()];
          rows.get(s).copyRow(words.row(s, row), vector);
          Alignment alignment = alignments.get(s);
          Vectors.addScaled(
              into,
              alignment == null ? vector : alignment.map(vector),
              weights.get(s).floatValue());
          sum += weights.get(s);
        }
      }
      Vectors.scale(into, (float) (1 / sum));
    }
  }
}
