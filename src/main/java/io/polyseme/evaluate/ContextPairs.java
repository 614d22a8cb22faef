package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Term;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Pairs of contexts of a word, with whether it has the same sense in both: WiC (Pilehvar and
 * Camacho-Collados 2019), MCL-WiC (Martelli, Kalach, Tola and Navigli 2021) and AM2iCo (Liu, Ponti,
 * McCarthy, Vulić and Korhonen 2021).
 *
 * @param name the file's, without its ending; with its folders before it, as in {@code de/dev},
 *     where sets that are read together would else have the same
 * @param pairs in the order of the file
 */
public record ContextPairs(String name, List<Pair> pairs) {
  private static final String EXPECTED =
      "a file of WiC (X.data.txt with X.gold.txt), MCL-WiC (X.data with X.gold) or AM2iCo (X.tsv)";

  private static final int DEPTH = 4;

  /**
   * A pair.
   *
   * @param lemma the word; across languages the first text's. AM2iCo names no lemmas: there it is
   *     the form that stands in the first text, in lower case
   * @param same whether the sense is the same
   */
  public record Pair(String lemma, Term.Usage first, Term.Usage second, boolean same) {}

  public ContextPairs {
    pairs = List.copyOf(pairs);
  }

  /** Whether it is, by its file's name, there to be learned from. */
  public boolean isTraining() {
    return name.startsWith("train", name.lastIndexOf('/') + 1);
  }

  /** All texts, for telling their language. */
  public String text() {
    return pairs.stream()
        .map(pair -> pair.first.text() + "\n" + pair.second.text())
        .collect(Collectors.joining("\n"));
  }

  /** Sets, and what was passed over and why. */
  public record Found(List<ContextPairs> sets, List<String> notes) {
    public Found {
      sets = List.copyOf(sets);
      notes = List.copyOf(notes);
    }
  }

  /**
   * Reads a file, or all that lie in a folder and the folders in it. In a folder, data without
   * answers beside it (as a test part has) are passed over with a note.
   *
   * @throws PolysemeException if there is none, or a line is malformed, with the file and its
   *     number
   */
  public static Found readAll(Path path) {
    if (!Files.exists(path)) {
      throw new PolysemeException(
          "%s does not exist; %s is expected there".formatted(path, EXPECTED));
    }
    if (!Files.isDirectory(path)) {
      return new Found(List.of(read(path)), List.of());
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(path, DEPTH)) {
      files =
          walk.filter(Files::isRegularFile)
              .filter(f -> f.toString().matches(".*\\.(data\\.txt|data|tsv)"))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
    Map<Path, ContextPairs> sets = new LinkedHashMap<>();
    var notes = new ArrayList<String>();
    for (Path file : files) {
      Optional<Path> gold = gold(file);
      if (gold.isPresent() && !Files.exists(gold.get())) {
        notes.add(
            "%s is passed over: its answers, %s, are not there"
                .formatted(file, gold.get().getFileName()));
      } else {
        sets.put(file, read(file));
      }
    }
    if (sets.isEmpty()) {
      throw new PolysemeException(
          "%s holds no pairs of contexts with answers; %s is expected there"
              .formatted(path, EXPECTED));
    }
    return new Found(named(path, sets), notes);
  }

  /** Sets of the same name have their folders' before it. */
  private static List<ContextPairs> named(Path folder, Map<Path, ContextPairs> sets) {
    Map<String, Integer> counts = new HashMap<>();
    sets.values().forEach(set -> counts.merge(set.name, 1, Integer::sum));
    var named = new ArrayList<ContextPairs>();
    sets.forEach(
        (file, set) -> {
          var name = new StringBuilder();
          if (counts.getOrDefault(set.name, 0) > 1) {
            Path inFolder = folder.relativize(file);
            for (int i = 0; i < inFolder.getNameCount() - 1; i++) {
              name.append(inFolder.getName(i)).append('/');
            }
          }
          named.add(new ContextPairs(name + set.name, set.pairs));
        });
    return named;
  }

  /** Where the answers to a data file are; empty where they are in it. */
  private static Optional<Path> gold(Path data) {
    String name = data.getFileName().toString();
    if (name.endsWith(".data.txt")) {
      return Optional.of(data.resolveSibling(name.replaceFirst("\\.data\\.txt$", ".gold.txt")));
    }
    if (name.endsWith(".data")) {
      return Optional.of(data.resolveSibling(name.replaceFirst("\\.data$", ".gold")));
    }
    return Optional.empty();
  }

  /**
   * Reads a file; its answers lie beside it.
   *
   * @throws PolysemeException as {@link #readAll} does
   */
  static ContextPairs read(Path file) {
    String name = String.valueOf(file.getFileName());
    List<Pair> pairs;
    if (name.endsWith(".data.txt")) {
      pairs = ContextPairsReader.wic(file, gold(file).orElseThrow());
    } else if (name.endsWith(".data")) {
      pairs = ContextPairsReader.multilingual(file, gold(file).orElseThrow());
    } else if (name.endsWith(".tsv")) {
      pairs = ContextPairsReader.marked(file);
    } else {
      throw new PolysemeException(
          "%s is not known by its name; %s is expected".formatted(file, EXPECTED));
    }
    if (pairs.isEmpty()) {
      throw new PolysemeException("%s has no pairs".formatted(file));
    }
    return new ContextPairs(name.replaceFirst("\\.(data\\.txt|data|tsv)$", ""), pairs);
  }
}
