package io.polyseme.cli;

import io.polyseme.analogy.Expressions;
import io.polyseme.vector.Expression;
import io.polyseme.vector.Method;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "analogy",
    description = {
      "Arithmetic with meanings: king - man + woman.",
      "Words in double quotes are a phrase; bank@\"text\" is a word where it stands in a text (for an"
          + " index of usages), text:\"...\" a whole text (for an index of passages)."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme analogy \"king - man + woman\"",
      "  polyseme analogy man king woman        (man is to king as woman is to what?)",
      "  polyseme analogy \"最大 - 大 + 小\" --top 5",
      "  polyseme analogy \"2*paris - france\" --hnsw --json"
    })
final class AnalogyCommand extends Asked {
  @Parameters(
      arity = "0..*",
      paramLabel = "EXPRESSION",
      description = "An expression, or three words A B C: A is to B as C is to what?")
  List<String> words = new ArrayList<>();

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description = "add (3CosAdd) or mul (3CosMul) (default: ${DEFAULT-VALUE}).")
  String method = "add";

  @Option(names = "--keep-inputs", description = "The words of the question may be answers.")
  boolean keepInputs;

  @Option(names = "--lines", description = "Read an expression a line, and answer each on its own.")
  boolean lines;

  AnalogyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (lines) {
      try (BufferedReader reader = input("an expression a line")) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (!line.isBlank() && !terminal.out().checkError()) {
            answer(line, Expressions.parse(line));
          }
        }
      }
      return;
    }
    boolean three =
        words.size() == 3
            && words.stream().noneMatch(w -> w.strip().matches("[-+−＋－].*|.*[ *@].*"));
    if (three) {
      Expression[] terms =
          words.stream().map(w -> Expression.word(w.strip())).toArray(Expression[]::new);
      answer(String.join(" ", words), Expression.analogy(terms[0], terms[1], terms[2]));
    } else {
      String expression = words.isEmpty() ? text(null, "an expression") : String.join(" ", words);
      answer(expression, Expressions.parse(expression));
    }
  }

  private void answer(String question, Expression expression) {
    Method how =
        switch (method) {
          case "add" -> Method.COS_ADD;
          case "mul" -> Method.COS_MUL;
          default -> throw wrongUse("--method is add or mul, and not \"" + method + "\"");
        };
    Opened opened = open(question);
    show("analogy", question, opened, ask(opened, expression, how, keepInputs));
  }
}
