package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.lexicon.WordNet;
import io.polyseme.train.WordSpaces;
import io.polyseme.words.RetrofitOptions;
import io.polyseme.words.Retrofitting;
import io.polyseme.words.WordFiles;
import io.polyseme.words.WordRelations;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "retrofit",
    description = {
      "Draw the vectors of words towards those of words that a lexicon relates them to (Faruqui et"
          + " al. 2015): WordNet's synonyms, or your own."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme words retrofit trained.words --lexicon wordnet --out fitted",
      "  polyseme words retrofit en --lexicon pairs.tsv --beta 0.5 --out en-mine"
    })
final class RetrofitCommand extends Command {
  private static final String WORDNET = "wordnet";
  private static final String DEGREE = "degree";

  @Parameters(paramLabel = "SPACE", description = "en, zh, another name in the cache, or a file.")
  String name = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "NAME_OR_FILE",
      description = "A name in the cache, or a file ending in " + WordSpaces.EXTENSION + ".")
  String out = "";

  @Option(
      names = "--lexicon",
      required = true,
      paramLabel = "wordnet|FILE",
      description =
          "WordNet, or a file: a word a line and those it is related to, with tabs or, where no word"
              + " has any, spaces between.")
  String lexicon = "";

  @Option(
      names = "--hypernyms",
      description = "With WordNet: words of hypernyms and hyponyms are related too.")
  boolean hypernyms;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "How often every word is moved (default: ${DEFAULT-VALUE}).")
  int iterations = RetrofitOptions.DEFAULT.iterations();

  @Option(
      names = "--alpha",
      paramLabel = "X",
      description = "How hard a word is held where it was (default: ${DEFAULT-VALUE}).")
  double alpha = RetrofitOptions.DEFAULT.alpha();

  @Option(
      names = "--beta",
      paramLabel = "X",
      description =
          "How hard a word is drawn to each it is related to: a number, or degree for 1 over how"
              + " many those are (default: ${DEFAULT-VALUE}).")
  String beta = DEGREE;

  RetrofitCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    RetrofitOptions options = options();
    boolean wordNet = lexicon.equals(WORDNET);
    if (hypernyms && !wordNet) {
      throw wrongUse("--hypernyms is for --lexicon wordnet: a file says itself what is related");
    }
    Path file = spaces().output(out);
    WordFiles.requireOther(spaces().file(name), file);
    WordRelations relations = wordNet ? null : WordRelations.read(Path.of(lexicon));
    try (Bars bars = bars();
        WordVectors space = spaces().open(name, bars, terminal.cancel())) {
      if (space.subwordRule().isPresent()) {
        warn(List.of("the vectors of n-grams are not retrofitted, and are left out"));
      }
      Retrofitting.Report report =
          Retrofitting.retrofit(
              space,
              relations == null ? wordNet(bars) : relations,
              options,
              out,
              file,
              bars,
              terminal.cancel());
      bars.clear();
      show(report, space.dimension(), file);
    }
  }

  private RetrofitOptions options() {
    try {
      RetrofitOptions options = RetrofitOptions.DEFAULT.withIterations(iterations).withAlpha(alpha);
      return beta.equals(DEGREE) ? options : options.withBeta(Double.parseDouble(beta));
    } catch (NumberFormatException e) {
      throw wrongUse("--beta is a number or " + DEGREE + ", and not \"" + beta + "\"");
    } catch (IllegalArgumentException e) {
      throw wrongUse(e.getMessage());
    }
  }

  private WordRelations wordNet(Bars bars) {
    Set<WordNet.Relation> relations =
        hypernyms
            ? EnumSet.of(WordNet.Relation.HYPERNYM) // that of hyponyms is the same, told from below
            : EnumSet.noneOf(WordNet.Relation.class);
    try (WordNet wordNet = WordNet.open()) {
      return new WordRelations(
          "WordNet %s, synonyms%s"
              .formatted(wordNet.version().number(), hypernyms ? ", hypernyms and hyponyms" : ""),
          wordNet.relatedWords(relations, bars, terminal.cancel()));
    }
  }

  private void show(Retrofitting.Report report, int dimension, Path file) {
    if (json) {
      var answers = new Answers("words retrofit", name).of("space", out);
      JsonObject result = answers.result();
      result.addProperty("label", out);
      result.addProperty("size", report.words());
      result.addProperty("dimension", dimension);
      result.addProperty("related", report.related());
      result.addProperty("relations", report.relations());
      result.addProperty("lacking", report.lacking());
      result.addProperty("change", report.change());
      result.addProperty("file", file.toString());
      print(answers.toString());
      return;
    }
    print(
        String.format(
            Locale.ROOT,
            "%,d words of %d dimensions in %s: %,d moved by %,d relations",
            report.words(),
            dimension,
            file,
            report.related(),
            report.relations()));
    print(
        String.format(
            Locale.ROOT,
            "moved %.4f in the mean in the last iteration; %,d words of the lexicon are not in the"
                + " space",
            report.change(),
            report.lacking()));
  }
}
