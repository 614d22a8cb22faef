package io.polyseme.cli;

import io.polyseme.PolysemeException;
import io.polyseme.analogy.AnalogyMethod;
import io.polyseme.analogy.Expressions;
import io.polyseme.analogy.Relation;
import io.polyseme.evaluate.RelationPairs;
import io.polyseme.evaluate.WordLookup;
import io.polyseme.vector.Expression;
import io.polyseme.vector.Filter;
import io.polyseme.vector.LabelledRows;
import io.polyseme.vector.Term;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
      "  polyseme analogy \"2*paris - france\" --hnsw --json",
      "  polyseme analogy man king woman --method direction",
      "  polyseme analogy --pairs capitals.txt japan --method lrcos"
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
      description =
          "add (3CosAdd), mul (3CosMul); over a word space and for three words also direction"
              + " (PairDirection), similar-to-b and similar-to-any (controls, which leave the"
              + " relation out); with --pairs avg (3CosAvg) or lrcos (LRCos) (default: add, with"
              + " --pairs avg).")
  @Nullable String method;

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "Learn the relation from a file of pairs, \"word<tab>answer\" a line, and say what is to"
              + " WORD as the answers are to their words.")
  @Nullable Path pairs;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description =
          "For the words that lrcos learns from as no answers (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(names = "--keep-inputs", description = "The words of the question may be answers.")
  boolean keepInputs;

  @Option(names = "--lines", description = "Read an expression a line, and answer each on its own.")
  boolean lines;

  AnalogyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (pairs != null) {
      learn(pairs);
      return;
    }
    if (lines) {
      eachLine(
          "analogy", "an expression a line", words, line -> answer(line, Expressions.parse(line)));
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
    AnalogyMethod how = method(method == null ? "add" : method);
    if (how.learned()) {
      throw wrongUse("--method " + how.id() + " learns from pairs of words: give them by --pairs");
    }
    Opened opened = open(question);
    if (how.query().isEmpty() && !(opened.space() instanceof LabelledRows)) {
      throw wrongUse(
          "--method " + how.id() + " compares every word: only of a word space, exactly");
    }
    if (how.query().isEmpty() && expression.terms().size() != 3) {
      throw wrongUse("--method " + how.id() + " needs three words, A B C or b - a + c");
    }
    show("analogy", question, opened, ask(opened, expression, how, keepInputs));
  }

  private void learn(Path file) {
    AnalogyMethod how = method(method == null ? "avg" : method);
    if (!how.learned()) {
      throw wrongUse("--method " + how.id() + " does not learn from pairs: avg and lrcos do");
    }
    if (words.size() != 1 || lines) {
      throw wrongUse("--pairs needs one word to ask about");
    }
    RelationPairs examples = RelationPairs.read(file);
    String word = words.getFirst();
    Opened opened = open(word);
    if (!(opened.space() instanceof LabelledRows rows)) {
      throw wrongUse("--pairs compares every word: only of a word space, exactly");
    }
    float[] asked = opened.resolver().resolve(new Term.Word(word));
    var known = new ArrayList<Relation.Pair>();
    Set<String> taken = new HashSet<>();
    var skipped = 0;
    WordLookup lookup = WordLookup.resolving(opened.resolver());
    for (RelationPairs.Pair pair : examples.pairs()) {
      Optional<float[]> source = lookup.vector(pair.source());
      Optional<float[]> target =
          pair.targets().stream().map(lookup::vector).flatMap(Optional::stream).findFirst();
      taken.add(pair.source());
      taken.addAll(pair.targets());
      if (source.isPresent() && target.isPresent()) {
        known.add(new Relation.Pair(source.get(), target.get()));
      } else {
        skipped++;
      }
    }
    if (known.isEmpty()) {
      throw new PolysemeException(
          "of no pair of %s are both words in %s; give other pairs, or another --space"
              .formatted(file, opened.name()));
    }
    Relation relation =
        how == AnalogyMethod.COS_AVG
            ? Relation.offset(known)
            : Relation.targets(
                known,
                Relation.randomWords(
                    rows,
                    rows.size(),
                    known.size(),
                    row -> !taken.contains(rows.label(row)),
                    seed));
    if (skipped > 0) {
      warn(List.of(skipped + " of " + examples.pairs().size() + " pairs have an unknown word"));
    }
    show(
        "analogy",
        word,
        opened,
        relation.ask(
            rows,
            asked,
            top,
            label ->
                (keepInputs || !label.equalsIgnoreCase(word))
                    && filter().accepts(Map.of(Filter.LABEL, label)),
            terminal.cancel()));
  }
}
