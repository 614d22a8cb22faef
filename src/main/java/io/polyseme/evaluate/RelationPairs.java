package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Pairs of words between which one relation holds, as the files of BATS have them (Gladkova, Drozd
 * and Matsuoka 2016, "Analogy-based Detection of Morphological and Semantic Relations With Word
 * Embeddings: What Works and What Doesn't").
 *
 * @param name the file's, without its ending
 * @param pairs in the order of the file
 */
public record RelationPairs(String name, List<Pair> pairs) {
  private static final String EXPECTED =
      "a text file of pairs of words, \"word<tab>answer\" or \"word<tab>answer/answer\" a line, as"
          + " those of BATS,";

  /**
   * @param targets the right answers, the best first; at least one
   */
  public record Pair(String source, List<String> targets) {
    public Pair {
      targets = List.copyOf(targets);
      if (targets.isEmpty()) {
        throw new IllegalArgumentException("\"" + source + "\" has no answer");
      }
    }
  }

  public RelationPairs {
    pairs = List.copyOf(pairs);
  }

  /**
   * Reads a file: a word and its answers, with slashes between them, between a tab or else white
   * space; empty lines are passed over.
   *
   * @throws PolysemeException if there is no such file, or a line is not of this form, with its
   *     number
   */
  public static RelationPairs read(Path path) {
    TestFile file = TestFile.read(path, EXPECTED);
    var pairs = new ArrayList<Pair>();
    for (TestFile.Line line : file.lines()) {
      if (line.text().isBlank()) {
        continue;
      }
      String[] columns = line.text().strip().split(line.text().contains("\t") ? "\t+" : "\\s+");
      List<String> targets =
          columns.length != 2
              ? List.of()
              : Arrays.stream(columns[1].split("/"))
                  .map(String::strip)
                  .filter(answer -> !answer.isEmpty())
                  .toList();
      if (targets.isEmpty()) {
        throw file.malformed(line, "not a word and its answers");
      }
      pairs.add(new Pair(columns[0].strip(), targets));
    }
    if (pairs.isEmpty()) {
      throw new PolysemeException(
          "%s has no pairs of words; %s is expected there".formatted(path, EXPECTED));
    }
    return new RelationPairs(TestFile.stem(path), pairs);
  }

  /**
   * The pairs of a section of analogy questions, each once: a to b and c to d, of what d may be the
   * first.
   *
   * @param path where the questions were read, for the message
   * @throws PolysemeException if there is no such section
   */
  public static RelationPairs of(AnalogyQuestions questions, String section, Path path) {
    List<AnalogyQuestions.Section> sections = questions.sections();
    AnalogyQuestions.Section found =
        sections.stream()
            .filter(it -> it.name().equals(section))
            .findFirst()
            .orElseThrow(
                () ->
                    new PolysemeException(
                        "%s has no section \"%s\"; it has %s"
                            .formatted(
                                path,
                                section,
                                String.join(
                                    ", ",
                                    sections.stream()
                                        .map(AnalogyQuestions.Section::name)
                                        .toList()))));
    Set<Pair> pairs = new LinkedHashSet<>();
    for (AnalogyQuestions.Question it : found.questions()) {
      pairs.add(new Pair(it.a(), List.of(it.b())));
      pairs.add(new Pair(it.c(), List.of(it.d().getFirst())));
    }
    return new RelationPairs(section, List.copyOf(pairs));
  }
}
