package io.polyseme.cli;

import io.polyseme.analogy.Analogies;
import io.polyseme.analogy.AnalogyOptions;
import io.polyseme.analogy.Expressions;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Occurrences;
import io.polyseme.index.OpenOptions;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.search.IndexSearch;
import io.polyseme.search.Indexing;
import io.polyseme.vector.Answer;
import io.polyseme.vector.Expression;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.Vectors;
import io.polyseme.words.WordVectors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;

@CommandLine.Command(
    name = "demo",
    description = "A guided tour on real models, in a few minutes the first time.")
final class DemoCommand extends Command {
  private static final List<String> BANKS =
      List.of(
          "He sat on the bank of the river and fished.",
          "The grassy bank of the stream was muddy.",
          "She opened an account at the bank.",
          "The bank lends money to small firms.");

  private static final String TOPICS = "noun.state,noun.feeling,noun.animal,noun.phenomenon";

  DemoCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (json) {
      throw wrongUse("the tour is for people; ask the commands that it shows with --json");
    }
    banks();
    analogies(
        "en",
        "Arithmetic with meanings. The vector of each of 90,000 English words, taken from an early"
            + " layer, is made now if this is the first time.",
        List.of(
            "king - man + woman",
            "biggest - big + small",
            "switzerland - swiss + cambodian",
            "paris - france + japan"));
    analogies(
        "zh",
        "The same in Chinese, with the words of a dictionary. What shows in the characters is solved;"
            + " knowledge of the world, such as capitals, hardly.",
        List.of("最大 - 大 + 小", "瑞士 - 瑞士人 + 柬埔寨人"));
    search();
    print("");
    print(
        "That was the tour. polyseme --help lists everything; each command's --help has examples.");
  }

  private void heading(String text) {
    print("");
    print(terminal.bold(text));
    terminal.out().flush();
  }

  private void command(String text) {
    print(terminal.dim("  $ ./polyseme " + text));
  }

  private void banks() {
    heading("One word, two meanings: \"bank\" in four sentences");
    try (Encoder encoder = Encoder.open(model(ModelStore.defaultFor("bank")), encoderOptions())) {
      TermResolver resolver = encoder.wordResolver(EncodeRequest.ofWords());
      var vectors = new ArrayList<float[]>();
      for (String text : BANKS) {
        vectors.add(
            resolver.resolve(new Term.Usage(text, Occurrences.of("bank", text).getFirst())));
      }
      for (int i = 0; i < BANKS.size(); i++) {
        var line = new StringBuilder("  " + (i + 1) + "  ");
        for (float[] other : vectors) {
          double cosine = Vectors.cosine(vectors.get(i), other);
          String cell = String.format(Locale.ROOT, " %.2f ", cosine);
          line.append(terminal.shade(cell, (cosine - 0.6) / 0.4));
        }
        print(line + "  " + BANKS.get(i));
      }
    }
    print(
        "Each number is the cosine of two of them: the river's banks are near each other, and so are");
    print("those that lend, but the two kinds are apart, though the word is the same.");
    command("compare bank bank --in-a \"" + BANKS.get(0) + "\" --in-b \"" + BANKS.get(3) + "\"");
    terminal.out().flush();
  }

  private void analogies(String space, String what, List<String> questions) {
    heading(what);
    try (Bars bars = bars();
        WordVectors words = spaces().open(space, bars, terminal.cancel())) {
      bars.clear();
      for (String question : questions) {
        Answer answer =
            Analogies.ask(
                words, words, Expressions.parse(question), AnalogyOptions.DEFAULT.withK(4));
        var found = new ArrayList<String>();
        for (Hit hit : answer.hits()) {
          String shown = String.format(Locale.ROOT, "%s %.2f", hit.label(), hit.score());
          found.add(hit.rank() == 1 ? terminal.bold(shown) : shown);
        }
        command("analogy \"" + question + "\"");
        print("    " + String.join("   ", found));
      }
    }
    terminal.out().flush();
  }

  private void search() {
    heading(
        "Search by meaning: WordNet's definitions of states, feelings, animals and phenomena, none of"
            + " whose words need be in the question");
    Path folder = models().home().resolve("demo").resolve("glosses");
    EncoderOptions options = encoderOptions();
    try (Bars bars = bars()) {
      if (!Files.isDirectory(folder)) {
        Recipe recipe = Recipe.of("wordnet-glosses:" + TOPICS);
        var _ =
            new Indexing(models(), spaces(), options)
                .build(folder, recipe, null, bars, terminal.cancel());
      }
      bars.clear();
      try (var index =
          new IndexSearch(
              VectorIndex.open(folder, OpenOptions.DEFAULT.withName("demo")),
              models(),
              options,
              bars)) {
        for (String question :
            List.of(
                "being scared of high places",
                "the animal with the longest neck",
                "bad weather with lightning")) {
          Answer answer =
              Analogies.ask(
                  index.index(), index, Expression.text(question), AnalogyOptions.DEFAULT.withK(3));
          print("  " + terminal.bold(question));
          var table = new Table();
          for (Hit hit : answer.hits()) {
            table.row(
                "   ",
                String.format(Locale.ROOT, "%.2f", hit.score()),
                Table.shortened(hit.fields().getOrDefault("lemmas", ""), 34),
                Table.shortened(hit.fields().getOrDefault("text", ""), 60));
          }
          print(table.lines());
        }
      }
    }
    command("index build wordnet-glosses      " + "(all 117,659 of them: some minutes)");
    command("search wordnet-glosses \"fear of heights\"");
  }
}
