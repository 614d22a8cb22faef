package io.polyseme.cli;

import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.evaluate.AnalogyQuestions;
import io.polyseme.evaluate.RelationPairs;
import io.polyseme.model.ModelStore;
import io.polyseme.relation.WordPair;
import io.polyseme.relation.WordStates;
import io.polyseme.train.Vocabularies;
import io.polyseme.words.UnknownWords;
import io.polyseme.words.WordVectors;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command about a relation: its pairs, and where the vectors of their words come from. */
abstract class RelateAsked extends Command {
  @Option(names = "--pairs", required = true, paramLabel = "FILE", description = "The pairs.")
  Path pairs = Path.of("");

  @Option(
      names = "--section",
      paramLabel = "NAME",
      description = "FILE is of analogy questions, of which this section is taken.")
  @Nullable String section;

  @Option(
      names = "--reverse",
      description =
          "Turn the pairs round: from a file of capitals and countries, country to capital.")
  boolean reverse;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A model's name or folder (default: by the script of the pairs).")
  @Nullable String model;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description =
          "A text in which words are encoded, with X for the word: \"The country of X.\" (default:"
              + " the word alone).")
  String template = "X";

  @Option(
      names = "--candidates",
      paramLabel = "WHICH",
      description =
          "What can be an answer: targets (the answers of the pairs), words (both sides), all (every"
              + " word of the file, whatever its section), or a file of words, one a line (default:"
              + " targets).")
  String candidates = "targets";

  RelateAsked(Terminal terminal) {
    super(terminal);
  }

  /**
   * What the options name.
   *
   * @param others what can be an answer beside the targets
   */
  record Read(List<WordPair> pairs, Set<String> others) {}

  Read read() {
    AnalogyQuestions questions = section == null ? null : AnalogyQuestions.read(pairs);
    List<WordPair> given =
        wordPairs(
            questions == null
                ? RelationPairs.read(pairs)
                : RelationPairs.of(questions, section, pairs));
    List<WordPair> read =
        reverse ? given.stream().map(it -> new WordPair(it.target(), it.source())).toList() : given;
    return new Read(read, others(read, questions));
  }

  private static List<WordPair> wordPairs(RelationPairs relation) {
    Set<WordPair> read = new LinkedHashSet<>();
    for (RelationPairs.Pair pair : relation.pairs()) {
      read.add(new WordPair(pair.source(), pair.targets().getFirst()));
    }
    return List.copyOf(read);
  }

  boolean isFile() {
    return !Set.of("targets", "words", "all").contains(candidates);
  }

  /** What can be an answer beside the targets. */
  private Set<String> others(List<WordPair> read, @Nullable AnalogyQuestions questions) {
    Set<String> others = new LinkedHashSet<>();
    switch (candidates) {
      case "targets" -> {}
      case "all" -> {
        read.forEach(it -> others.addAll(List.of(it.source(), it.target())));
        if (questions != null) {
          for (AnalogyQuestions.Section of : questions.sections()) {
            wordPairs(RelationPairs.of(questions, of.name(), pairs))
                .forEach(it -> others.addAll(List.of(it.source(), it.target())));
          }
        }
      }
      case "words" -> read.forEach(it -> others.addAll(List.of(it.source(), it.target())));
      default -> others.addAll(Vocabularies.file(Path.of(candidates)));
    }
    return others;
  }

  WordStates states(Collection<String> words, Layers layers) {
    String sample = String.join(" ", words);
    String name = model == null ? ModelStore.defaultFor(sample) : model;
    try (Encoder encoder = Encoder.open(model(name), encoderOptions());
        Bars bars = bars()) {
      return WordStates.of(encoder, template, words, layers, bars, terminal.cancel());
    }
  }

  WordVectors openSpace(String name) {
    try (Bars bars = bars()) {
      return spaces().open(name, bars, terminal.cancel());
    }
  }

  static WordStates states(String name, WordVectors space, Collection<String> words) {
    return WordStates.of(
        name, space.resolver(new UnknownWords(List.of(UnknownWords.Step.FOLD))), words);
  }
}
