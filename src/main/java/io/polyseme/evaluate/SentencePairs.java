package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Pairs of sentences with how alike people found them: the STS benchmark (Cer et al. 2017),
 * SemEval's STS tasks of 2012 to 2017 (Agirre et al. 2012 and after), SICK (Marelli et al. 2014),
 * the Chinese STS-B, LCQMC, AFQMC and others of their kind.
 *
 * <p>As the field does, the measure is Spearman's correlation of the scores with the cosines of the
 * sentences' vectors (Reimers, Beyer and Gurevych 2016, "Task-Oriented Intrinsic Evaluation of
 * Semantic Textual Similarity"), for sets whose labels are only yes and no as well (Xiao et al.
 * 2023, "C-Pack"). The parts of one year of SemEval's tasks are put together before they are
 * correlated (the "all" setting of Gao, Yao and Chen 2021, "SimCSE", appendix B, and of
 * sentence-transformers and MTEB); each part's own figure is given too. The {@link #MEAN} is over
 * the sets, each counting once, as in MTEB (Muennighoff et al. 2023): over years, not over their
 * parts.
 *
 * @param sections in the order in which they were read; those of one task stand together
 * @param notes what the reader of the figures should know of the files: what was passed over, and
 *     why
 */
public record SentencePairs(List<Section> sections, List<String> notes) {
  /** What summarises the sets, in the place of a section's name. */
  public static final String MEAN = "mean";

  /** The last part of the name of a task's parts put together. */
  private static final String ALL = "all";

  /**
   * @param score as people gave it, on whatever scale, greater for more alike
   */
  public record Pair(String first, String second, double score) {}

  /**
   * The pairs of one file.
   *
   * @param name the file's folder and name, without its ending: {@code 2013/OnWN.test}
   * @param task what it is put together with others as, {@code 2013/all.test}; empty for a set that
   *     stands alone
   * @param pairs those that have a score, in the order of the file
   * @param unscored how many further lines have none (SemEval 2015 and 2016 had a part of their
   *     pairs scored) and are no part of the test
   */
  public record Section(String name, String task, List<Pair> pairs, int unscored) {
    public Section {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(task, "task");
      pairs = List.copyOf(pairs);
    }
  }

  public SentencePairs {
    sections = List.copyOf(sections);
    notes = List.copyOf(notes);
  }

  /**
   * Reads a file, or every file of a folder and the folders in it.
   *
   * @throws PolysemeException as {@link #read(Collection)} does
   */
  public static SentencePairs read(Path path) {
    return read(List.of(path));
  }

  /**
   * Reads files, and folders with the folders in them. A file's layout is known by what is in it:
   *
   * <ul>
   *   <li>the STS benchmark: genre, file, year, number, score and two sentences, with tabs between;
   *   <li>SemEval's tasks, a score (or nothing) and two sentences; or as they were given out,
   *       {@code STS.input.images.txt} with two sentences a line and {@code STS.gs.images.txt}
   *       beside it with a score (or nothing) a line. The files of this layout that lie in one
   *       folder, and whose names have the same second ending ({@code .test.tsv}), are parts of one
   *       task;
   *   <li>two sentences and a score, as the Chinese sets have; also after a number;
   *   <li>columns named by a heading, as in SICK and GLUE: {@code sentence_A} or {@code sentence1}
   *       and so on; the score is called {@code score}, {@code relatedness_score}, {@code
   *       similarity} or {@code label};
   *   <li>JSON lines with the same names.
   * </ul>
   *
   * Sentences are taken without white space at their ends; quotes are their own. What is no such
   * file in a folder (a readme, a licence) is passed over with a note; hidden files are passed over
   * without. A file that is reached twice is read once.
   *
   * @throws PolysemeException if there is no such file or folder, a line is malformed, with its
   *     number, or there are no pairs with scores
   */
  public static SentencePairs read(Collection<Path> paths) {
    var found = new LinkedHashMap<Path, Found>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        walk(path, depth(path) - 1, new HashSet<>(), found);
      } else if (Files.exists(path)) {
        found.putIfAbsent(real(path), new Found(path, depth(path) - 2, true));
      } else {
        throw new PolysemeException(
            "%s does not exist; %s, or a folder of them, is expected there"
                .formatted(path, SentenceFile.EXPECTED));
      }
    }
    var notes = new ArrayList<String>();
    Map<Found, SentenceFile.Layout> layouts = layouts(found, notes);
    Map<Found, String> names = names(layouts.keySet());
    var sections = new ArrayList<Section>();
    layouts.forEach(
        (file, layout) -> {
          SentenceFile content = SentenceFile.read(file.path, layout);
          String name = names.get(file);
          notes.addAll(content.notes());
          if (content.pairs().isEmpty()) {
            notes.add("%s has no pair with a score, and is left out".formatted(file.path));
            return;
          }
          if (content.unscored() > 0) {
            notes.add(
                "%s: %d of %d pairs have no score, and are no part of the test"
                    .formatted(
                        name, content.unscored(), content.unscored() + content.pairs().size()));
          }
          String task = layout.partOfTask() ? task(name, layout) : "";
          sections.add(new Section(name, task, content.pairs(), content.unscored()));
        });
    if (sections.isEmpty()) {
      throw new PolysemeException(
          "there are no pairs with scores in %s; %s is expected there%s"
              .formatted(
                  paths.stream().map(Path::toString).collect(Collectors.joining(", ")),
                  SentenceFile.EXPECTED,
                  notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")"));
    }
    return new SentencePairs(together(sections), notes);
  }

  /**
   * A file to read.
   *
   * @param root how many of its path's names are no part of the section's
   * @param asked whether it was named, and not found in a folder
   */
  private record Found(Path path, int root, boolean asked) {
    Path whole() {
      return path.toAbsolutePath().normalize();
    }

    String name(int from, boolean ending) {
      Path whole = whole();
      int last = whole.getNameCount() - 1;
      String file = ending ? whole.getFileName().toString() : TestFile.stem(whole);
      return Stream.concat(
              Stream.iterate(Math.clamp(from, 0, last), i -> i < last, i -> i + 1)
                  .map(i -> whole.getName(i).toString()),
              Stream.of(file))
          .collect(Collectors.joining("/"));
    }
  }

  private static int depth(Path path) {
    return path.toAbsolutePath().normalize().getNameCount();
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static PolysemeException unreadable(Path path, IOException e) {
    return new PolysemeException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
  }

  /** Links are followed, and a folder is entered but once, so that they may lead in a circle. */
  private static void walk(Path folder, int root, Set<Path> entered, Map<Path, Found> found) {
    if (!entered.add(real(folder))) {
      return;
    }
    List<Path> entries;
    try (Stream<Path> listed = Files.list(folder)) {
      entries =
          listed.filter(entry -> !entry.getFileName().toString().startsWith(".")).sorted().toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    for (Path entry : entries) {
      if (Files.isDirectory(entry)) {
        walk(entry, root, entered, found);
      } else if (Files.isRegularFile(entry)) {
        found.putIfAbsent(real(entry), new Found(entry, root, false));
      }
    }
  }

  /** The files that are sets, with a note of the others. */
  private static Map<Found, SentenceFile.Layout> layouts(
      Map<Path, Found> found, List<String> notes) {
    var layouts = new LinkedHashMap<Found, SentenceFile.Layout>();
    var others = new LinkedHashMap<Path, Found>();
    var scores = new HashSet<Path>();
    found.forEach(
        (real, file) -> {
          Optional<SentenceFile.Layout> layout = SentenceFile.layout(file.path);
          if (layout.isPresent()) {
            layouts.put(file, layout.get());
            if (layout.get() instanceof SentenceFile.ScoresBeside(Path beside)) {
              scores.add(real(beside));
            }
          } else {
            others.put(real, file);
          }
        });
    others.keySet().removeAll(scores);
    for (Found file : others.values()) {
      if (file.asked) {
        throw new PolysemeException(
            "%s has no sentence pairs with scores; %s is expected there"
                .formatted(file.path, SentenceFile.EXPECTED));
      }
    }
    if (!others.isEmpty()) {
      notes.add(
          "passed over, being no sentence pairs with scores: "
              + others.values().stream()
                  .map(file -> file.name(file.root, true))
                  .collect(Collectors.joining(", ")));
    }
    return layouts;
  }

  /** Each with its folder; where two would be called the same, by all that tells them apart. */
  private static Map<Found, String> names(Collection<Found> files) {
    var names = new LinkedHashMap<Found, String>();
    for (Found file : files) {
      String name = file.name(file.root, false);
      long same = files.stream().filter(f -> f.name(f.root, false).equals(name)).count();
      names.put(file, same == 1 ? name : file.whole().toString());
    }
    return names;
  }

  /** {@code 2013/OnWN.test} is a part of {@code 2013/all.test}. */
  private static String task(String name, SentenceFile.Layout layout) {
    int slash = name.lastIndexOf('/');
    int dot = name.lastIndexOf('.');
    boolean beside = layout instanceof SentenceFile.ScoresBeside; // its dots are of another kind
    String ending = !beside && dot > slash ? name.substring(dot) : "";
    return name.substring(0, slash + 1) + ALL + ending;
  }

  /**
   * The sections of a task one after another, where its first one is; alone ones without a task.
   */
  private static List<Section> together(List<Section> sections) {
    var byTask = new LinkedHashMap<String, List<Section>>();
    for (Section section : sections) {
      String key = section.task.isEmpty() ? section.name : section.task;
      byTask.computeIfAbsent(key, _ -> new ArrayList<>()).add(section);
    }
    return byTask.values().stream()
        .flatMap(
            parts ->
                parts.size() > 1
                    ? parts.stream()
                    : parts.stream()
                        .map(part -> new Section(part.name, "", part.pairs, part.unscored)))
        .toList();
  }

  /**
   * Correlates the cosines of the sentences' vectors with what people said. Every different
   * sentence is encoded once, and its vector forgotten after the last pair that needs it. A pair
   * with a sentence that cannot be encoded is left out; {@link Score#coverage()} says how many
   * stayed. The cosine with a zero vector is 0.
   *
   * @param vectors asked in bulk, on the calling thread
   * @return for each section and layer {@code spearman} (Spearman's rho, equal values sharing a
   *     rank) and {@code pearson}, after the last section of a task the same for the task, and with
   *     more than one set for {@link #MEAN}. Intervals by the bootstrap, the percentiles of
   *     resamples of the pairs (Efron and Tibshirani 1993, "An Introduction to the Bootstrap",
   *     section 13.3), from -1 to 1 with three pairs or fewer; the mean's are of the sets resampled
   *     apart. NaN with fewer than two pairs, or where one side does not vary; the mean is over the
   *     other sets then
   * @throws PolysemeException if no sentence can be encoded, or the model fails
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Evaluation score(
      SentenceVectors vectors, SentenceOptions options, Progress progress, Cancel cancel) {
    var trial = new SentenceTrial(this);
    trial.encode(List.of(vectors), progress, cancel);
    return trial.evaluation(options, progress, cancel);
  }

  /**
   * Scores two models on the same pairs, those that both can encode, and compares their vectors
   * sentence by sentence: what quantising a model costs, say. Both are asked in turn for a few
   * thousand sentences at a time.
   *
   * @param first what is compared with, one layer or several
   * @param second as many layers, which may be others
   * @return the figures of each as {@link #score} gives them, and how they differ, with intervals
   *     of the paired bootstrap: both models are resampled with the same pairs
   * @throws PolysemeException as {@link #score} does
   * @throws IllegalArgumentException if the two have not the same number of layers
   * @throws io.polyseme.CancelledException if cancelled
   */
  public SentenceComparison compare(
      SentenceVectors first,
      SentenceVectors second,
      SentenceOptions options,
      Progress progress,
      Cancel cancel) {
    var trial = new SentenceTrial(this);
    trial.encode(List.of(first, second), progress, cancel);
    return trial.comparison(options, progress, cancel);
  }
}
