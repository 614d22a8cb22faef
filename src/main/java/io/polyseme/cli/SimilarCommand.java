package io.polyseme.cli;

import io.polyseme.PolysemeException;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.encoder.Occurrences;
import io.polyseme.vector.Expression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "similar",
    description = "The nearest neighbours of a word, of several together, or of a text.",
    footer = {
      "",
      "Examples:",
      "  polyseme similar cat",
      "  polyseme similar 猫 --top 20",
      "  polyseme similar dog --space en-in-zh --among zh     (see: polyseme words align --help)",
      "  polyseme similar bank --in \"he sat on the bank of the river\" --index my-usages",
      "  polyseme similar --text \"fear of heights\" --index wordnet-glosses",
      "",
      "A word in its context (--in) is compared with other words in their contexts: build an index of",
      "them first, as  polyseme index build my-usages --from FILE --source usages"
    })
final class SimilarCommand extends Asked {
  @Parameters(arity = "0..*", paramLabel = "WORD", description = "A word, or several together.")
  List<String> words = new ArrayList<>();

  @Option(names = "--text", paramLabel = "TEXT", description = "A whole text instead of a word.")
  @Nullable String text;

  @Option(names = "--in", paramLabel = "TEXT", description = "The text that the word stands in.")
  @Nullable String in;

  @Option(
      names = "--among",
      paramLabel = "SPACE",
      description = "Take the answers from this word space, which --space was aligned to.")
  @Nullable String among;

  @Option(names = "--keep-inputs", description = "The word itself may be an answer.")
  boolean keepInputs;

  @Option(names = "--lines", description = "Read a word a line, and answer each on its own.")
  boolean lines;

  SimilarCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (in != null && index == null || text != null && index == null) {
      throw new PolysemeException(
          (in != null ? "a word in its context" : "a text")
              + " cannot be compared with words alone: name an index with --index (polyseme index"
              + " build makes one of your texts)");
    }
    if (lines) {
      eachLine("similar", "a word a line", words, line -> answer(line, Expression.word(line)));
      return;
    }
    if (text != null) {
      answer(text, Expression.text(text));
      return;
    }
    List<String> asked = words.isEmpty() ? List.of(text(null, "a word").strip()) : words;
    if (asked.stream().anyMatch(String::isBlank)) {
      throw wrongUse("give a word, or pipe one in: it is empty");
    }
    if (in != null) {
      if (asked.size() > 1) {
        throw wrongUse("--in takes one word, and " + asked.size() + " are given");
      }
      String word = asked.getFirst();
      answer(word, Expression.usage(in, Occurrences.of(word, in).getFirst()));
      return;
    }
    Expression sum = Expression.word(asked.getFirst());
    for (String word : asked.subList(1, asked.size())) {
      sum = sum.plus(Expression.word(word));
    }
    answer(String.join(" ", asked), sum);
  }

  private void answer(String question, Expression expression) {
    Opened opened = among == null ? open(question) : open(question, among);
    show("similar", question, opened, ask(opened, expression, AnalogyMethod.COS_ADD, keepInputs));
  }
}
