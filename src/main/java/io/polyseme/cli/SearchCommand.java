package io.polyseme.cli;

import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.vector.Expression;
import java.io.BufferedReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "search",
    description = "The passages of an index that are nearest in meaning to a question.",
    footer = {
      "",
      "Examples:",
      "  polyseme search wordnet-glosses \"fear of heights\"",
      "  polyseme search wordnet-glosses \"to walk slowly\" --filter pos=v --top 5 --json",
      "",
      "polyseme index build makes an index, polyseme index list shows those there are."
    })
final class SearchCommand extends Asked {
  @Parameters(index = "0", paramLabel = "INDEX", description = "An index's name or folder.")
  String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "QUERY",
      description = "What is looked for; else standard input.")
  @Nullable String query;

  @Option(names = "--lines", description = "Read a question a line, and answer each on its own.")
  boolean lines;

  SearchCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (index != null || space != null) {
      throw wrongUse("the index is the first argument of search");
    }
    index = name;
    if (lines) {
      try (BufferedReader reader = input("a question a line")) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (!line.isBlank() && !terminal.out().checkError()) {
            answer(line);
          }
        }
      }
    } else {
      answer(text(query, "a question"));
    }
  }

  private void answer(String question) {
    if (question.isBlank()) {
      throw wrongUse("the question is empty");
    }
    Opened opened = open(question);
    show(
        "search",
        question,
        opened,
        ask(opened, Expression.text(question), AnalogyMethod.COS_ADD, true));
  }
}
