package io.polyseme.cli;

import io.polyseme.analogy.WordQuestions;
import io.polyseme.vector.Hit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "odd-one-out",
    description = {
      "The word that belongs least with the others: its cosine to the mean of all is the least.",
      "With --json all words are listed with their cosines, the least first."
    },
    footer = {"", "Example:", "  polyseme odd-one-out breakfast lunch dinner car"})
final class OddOneOutCommand extends Asked {
  @Parameters(arity = "0..*", paramLabel = "WORD", description = "Three words or more.")
  List<String> words = new ArrayList<>();

  OddOneOutCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    refuse("--top", "--exact", "--hnsw", "--filter", "--match", "--first", "--only");
    List<String> asked =
        words.isEmpty() ? List.of(text(null, "three words or more").strip().split("\\s+")) : words;
    if (asked.size() < 3) {
      throw wrongUse("three words or more are needed");
    }
    String question = String.join(" ", asked);
    Opened opened = open(question);
    List<Hit> hits =
        new WordQuestions(opened.space(), noting(opened.resolver()))
            .oddOneOut(asked.stream().map(String::strip).toList());
    if (json) {
      var answers = new Answers("odd-one-out", question).of(opened.kind(), opened.name());
      hits.forEach(answers::hit);
      print(answers.warn(notes()).toString());
    } else {
      warn(notes());
      print(hits.getFirst().label());
    }
  }
}
