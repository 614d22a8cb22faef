package io.polyseme.cli;

import io.polyseme.analogy.Expressions;
import io.polyseme.index.OpenOptions;
import io.polyseme.search.Fusion;
import io.polyseme.search.IndexSearch;
import io.polyseme.search.Question;
import io.polyseme.search.SearchAnswer;
import io.polyseme.search.SearchMode;
import io.polyseme.search.SearchRequest;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Precision;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "search",
    description = {
      "The passages of an index that answer a question: by meaning and by words in common, joined to"
          + " one ranking."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme search notes \"what did we decide about the budget?\"",
      "  polyseme search notes budget --filter \"year >= 2019 and not type = draft\" --by-document",
      "  polyseme search notes \"a walk along the river bank\" --word bank",
      "  polyseme search notes --like minutes.md#3 --unlike minutes.md#7",
      "  polyseme search notes --expression \"jaguar - car\"",
      "  polyseme search wordnet-glosses \"to walk slowly\" --filter pos=v --explain",
      "",
      "polyseme index build makes an index, polyseme index list shows those there are."
    })
final class SearchCommand extends Command {
  private static final int TOP = 10;

  /** What speaks against an answer weighs less, or it decides by what the answers are not. */
  private static final double AGAINST = 0.5;

  @Parameters(index = "0", paramLabel = "INDEX", description = "An index's name or folder.")
  String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "QUERY",
      description = "What is looked for; else standard input.")
  @Nullable String query;

  @Option(
      names = "--also",
      paramLabel = "QUERY",
      description = "A further question; what answers any of them is found. May be given again.")
  List<String> also = List.of();

  @Option(
      names = "--not",
      paramLabel = "TEXT",
      description = "What the answers should not be like; may be given again.")
  List<String> not = List.of();

  @Option(
      names = "--like",
      paramLabel = "ID",
      description = "An entry or document that answers should be like; may be given again.")
  List<String> like = List.of();

  @Option(
      names = "--unlike",
      paramLabel = "ID",
      description = "An entry or document that answers should not be like; may be given again.")
  List<String> unlike = List.of();

  @Option(
      names = "--expression",
      paramLabel = "EXPR",
      description = "What answers should mean, as an expression: \"jaguar - car\".")
  @Nullable String expression;

  @Option(
      names = "--word",
      paramLabel = "WORD",
      description =
          "A word of the question: only passages that use it, the same meaning of it first.")
  String word = "";

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description =
          "hybrid, vector or words (default: hybrid where the index has words and the question is"
              + " text).")
  @Nullable String mode;

  @Option(
      names = "--fusion",
      paramLabel = "F",
      description =
          "How hybrid joins: convex or convex:WEIGHT of the vectors (default: convex:0.5), rrf or"
              + " rrf:K (60).")
  @Nullable String fusion;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many answers (default: 10; with --min-similarity all that are as near).")
  @Nullable Integer top;

  @Option(names = "--offset", paramLabel = "N", description = "Pass over the first N answers.")
  int offset;

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description =
          "Only answers whose fields are so: pos=n, \"year >= 2019 and not type = draft\", \"modified"
              + " < 2024-05\", \"tag in (a, b)\", \"exists(page)\"; may be given again.")
  List<String> filters = List.of();

  @Option(
      names = "--match",
      paramLabel = "REGEX",
      description = "Only answers whose label matches as a whole.")
  @Nullable String match;

  @Option(
      names = "--min-similarity",
      paramLabel = "S",
      description = "Only answers whose vector is at least so near.")
  @Nullable Double least;

  @Option(names = "--by-document", description = "At most one answer of each document.")
  boolean byDocument;

  @Option(
      names = "--group-by",
      paramLabel = "FIELD",
      description = "At most one answer for each value of a field.")
  @Nullable String groupBy;

  @Option(
      names = "--diversity",
      paramLabel = "X",
      description = "From 0 to below 1: put off answers that are like better ones (MMR).")
  double diversity;

  @Option(
      names = "--rerank",
      description = "Order the best 50 again, word by word (late interaction).")
  boolean rerank;

  @Option(
      names = "--pool",
      paramLabel = "N",
      description = "How many candidates of each kind are looked at (default: ${DEFAULT-VALUE}).")
  int pool = SearchRequest.POOL;

  @Option(names = "--exact", description = "Compare with every vector.")
  boolean exact;

  @Option(names = "--hnsw", description = "Search the HNSW graph, however few vectors there are.")
  boolean hnsw;

  @Option(
      names = "--explain",
      description = "Tell what was done, and each answer's ranks and scores.")
  boolean explain;

  @Option(
      names = "--no-highlight",
      description = "Do not look for the best passage and words of an answer.")
  boolean plain;

  @Option(names = "--lines", description = "Read a question a line, and answer each on its own.")
  boolean lines;

  SearchCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (exact && hnsw) {
      throw wrongUse("--exact and --hnsw contradict each other");
    }
    if (byDocument && groupBy != null) {
      throw wrongUse("--by-document is --group-by document, and --group-by is given too");
    }
    if (top != null && top < 1 || offset < 0 || pool < 1) {
      throw wrongUse("--top and --pool must be at least 1, and --offset at least 0");
    }
    if (!(diversity >= 0 && diversity < 1)) {
      throw wrongUse("--diversity is from 0 to less than 1, and is " + diversity);
    }
    filter(); // wrong use is told before anything is opened
    fusion();
    try (var search =
        new IndexSearch(
            Asked.catalog().open(name, OpenOptions.DEFAULT.withName(name)),
            models(),
            encoderOptions(),
            bars())) {
      boolean others = !like.isEmpty() || !unlike.isEmpty() || expression != null || !not.isEmpty();
      if (lines) {
        if (query != null || others || !also.isEmpty()) {
          throw wrongUse("--lines reads the questions from standard input, and one is given");
        }
        eachLine(search);
      } else {
        String text = query == null && others ? null : text(query, "a question");
        if (text != null && text.isBlank()) {
          throw wrongUse("the question is empty");
        }
        answer(search, text);
      }
    }
  }

  private void eachLine(IndexSearch search) throws IOException {
    try (BufferedReader reader = input("a question a line")) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank() && !terminal.out().checkError()) {
          if (!json) {
            print(Table.printable(line.strip()));
          }
          answer(search, line.strip());
        }
      }
    }
  }

  private void answer(IndexSearch search, @Nullable String text) {
    SearchRequest request = request(text);
    SearchAnswer answer = search.search(request, terminal.cancel());
    var shown = new SearchShown(terminal, explain);
    if (json) {
      print(
          shown
              .json(
                  text != null ? text : expression != null ? expression : String.join(", ", like),
                  name,
                  answer)
              .toString());
      return;
    }
    warn(answer.warnings());
    if (answer.passages().isEmpty()) {
      print(
          answer.candidates() == 0
              ? "nothing was found"
              : "there are only %,d answers".formatted(answer.candidates()));
    }
    print(shown.lines(answer));
  }

  private SearchRequest request(@Nullable String text) {
    var questions = new ArrayList<Question>();
    questions.add(new Question(parts(text)));
    for (String other : also) {
      questions.add(new Question(parts(other)));
    }
    return SearchRequest.of(questions.getFirst())
        .withQuestions(questions)
        .withMode(mode == null ? null : option("--mode", mode, SearchMode.class))
        .withFusion(fusion())
        .withK(top != null ? top : least != null ? pool : TOP)
        .withOffset(offset)
        .withPool(pool)
        .withFilter(filter())
        .withLeastSimilarity(least == null ? Double.NEGATIVE_INFINITY : least)
        .withDiversity(diversity)
        .withGroupBy(byDocument ? "document" : groupBy == null ? "" : groupBy)
        .withWord(word)
        .withRerank(rerank)
        .withHighlight(!plain)
        .withPrecision(exact ? Precision.EXACT : hnsw ? Precision.approximate(0) : Precision.AUTO);
  }

  private List<Question.Part> parts(@Nullable String text) {
    var parts = new ArrayList<Question.Part>();
    if (text != null) {
      parts.add(new Question.Text(text, 1));
    }
    if (expression != null) {
      parts.add(new Question.Meaning(Expressions.parse(expression), 1));
    }
    like.forEach(label -> parts.add(new Question.Like(label, 1)));
    not.forEach(other -> parts.add(new Question.Text(other, -AGAINST)));
    unlike.forEach(label -> parts.add(new Question.Like(label, -AGAINST)));
    return parts;
  }

  private Filter filter() {
    Filter filter = Asked.filter(this, filters);
    if (match == null) {
      return filter;
    }
    try {
      return filter.and(Filter.labels(Pattern.compile(match)));
    } catch (PatternSyntaxException e) {
      throw wrongUse("--match is no regular expression: " + e.getMessage());
    }
  }

  private Fusion fusion() {
    if (fusion == null) {
      return Fusion.DEFAULT;
    }
    String[] parts = fusion.toLowerCase(Locale.ROOT).split(":", 2);
    try {
      if (parts[0].equals("convex")) {
        return parts.length == 1 ? Fusion.DEFAULT : new Fusion.Convex(Double.parseDouble(parts[1]));
      }
      if (parts[0].equals("rrf")) {
        return new Fusion.ReciprocalRank(parts.length == 1 ? 60 : Double.parseDouble(parts[1]));
      }
    } catch (NumberFormatException e) {
      throw wrongUse("--fusion needs a number after the colon, and has \"" + parts[1] + '"');
    } catch (IllegalArgumentException e) {
      throw wrongUse(String.valueOf(e.getMessage()));
    }
    throw wrongUse("--fusion is convex, convex:WEIGHT, rrf or rrf:K, and not \"" + fusion + '"');
  }
}
