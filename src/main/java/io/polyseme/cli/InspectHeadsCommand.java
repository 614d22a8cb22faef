package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.insight.heads.BestHead;
import io.polyseme.insight.heads.HeadLink;
import io.polyseme.insight.heads.HeadPattern;
import io.polyseme.insight.heads.HeadProfile;
import io.polyseme.insight.heads.HeadProfileOptions;
import io.polyseme.insight.heads.HeadProfiler;
import io.polyseme.insight.heads.HeadProfiles;
import io.polyseme.insight.heads.HeadTrial;
import io.polyseme.insight.heads.ParsedSentence;
import io.polyseme.insight.heads.PronounSentence;
import io.polyseme.insight.heads.RelationHead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "heads",
    description = {
      "The jobs of the attention heads: which look at the previous word, the next one, the same word"
          + " elsewhere, at separators or everywhere.",
      "In one text, or measured on a corpus (--in): the best head for each job is chosen on half of"
          + " the texts and scored on the other half. With --conllu which heads find syntactic"
          + " relations, with --pronouns which find what a pronoun means, beside the word at the best"
          + " fixed distance and the best of as many heads whose attention was shuffled.",
      "Attention is that between words: summed over the pieces of a word that is looked at, averaged"
          + " over those of the one that looks."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme inspect heads \"The crane lifted the beam, and the crane broke.\"",
      "  polyseme inspect heads --in texts.txt.gz --tokens 1000000 --resume heads.json",
      "  polyseme inspect heads --conllu en_ewt-ud-dev.conllu --pronouns --html heads.html"
    })
final class InspectHeadsCommand extends InspectAsked {
  /** How much of a file the choice of a model is made by, in characters. */
  private static final int SAMPLE = 4096;

  private static final int RELATIONS_SHOWN = 20;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "One text.")
  @Nullable String text;

  @Option(
      names = "--in",
      paramLabel = "PATH",
      description = "A file of texts, or a folder of such files: .txt, .jsonl, .tsv, or with .gz.")
  @Nullable Path in;

  @Mixin final TextsRead read = new TextsRead();

  @Option(names = "--texts", paramLabel = "N", description = "No more texts than so many.")
  long texts;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "After so many tokens no further text is read.")
  long tokens;

  @Option(
      names = "--piece",
      paramLabel = "N",
      description =
          "How many tokens are read together at most; longer texts are read in pieces (default:"
              + " ${DEFAULT-VALUE}).")
  int piece = HeadProfileOptions.DEFAULT.pieceTokens();

  @Option(
      names = "--resume",
      paramLabel = "FILE",
      description =
          "Keep the sums so far in this file, once a minute, and go on from what is in it.")
  @Nullable Path resume;

  @Option(
      names = "--conllu",
      paramLabel = "FILE",
      description = "A file of sentences with their syntax, as Universal Dependencies has them.")
  @Nullable Path conllu;

  @Option(names = "--pronouns", description = "Find pronouns' nouns in sentences made for that.")
  boolean pronouns;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the shuffled attention (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  InspectHeadsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    boolean measured = in != null || conllu != null || pronouns;
    if (text != null && measured) {
      throw wrongUse("one TEXT is looked at by itself, without --in, --conllu and --pronouns");
    }
    if (in == null && (texts != 0 || tokens != 0 || resume != null)) {
      throw wrongUse("--texts, --tokens and --resume go with --in");
    }
    if (texts < 0 || tokens < 0 || piece < 8) {
      throw wrongUse("--texts and --tokens must not be negative, and --piece must be at least 8");
    }
    if (measured) {
      measure();
    } else {
      one(text(text, "a text, or --in with a file of texts"));
    }
  }

  private void one(String given) throws IOException {
    try (Encoder encoder = open(given)) {
      Inside inside = inside(encoder);
      var profiler = new HeadProfiler(inside, HeadProfileOptions.DEFAULT);
      HeadProfiles profiles = profiler.profile(inside.tokenise(given));
      List<HeadLink> links = profiler.strongest(inside.tokenise(given));
      if (json) {
        Answers answers = answers(encoder, given);
        for (int i = 0; i < links.size(); i++) {
          JsonObject result = describe(answers.result(), profiles.heads().get(i));
          HeadLink link = links.get(i);
          result.addProperty("from", link.from());
          result.addProperty("to", link.to());
          result.addProperty("attention", link.attention());
        }
        print(answers.toString());
      } else {
        var table = new Table();
        table.row("head", "job", "share", "looks strongest from", "to", "share");
        for (int i = 0; i < links.size(); i++) {
          HeadProfile profile = profiles.heads().get(i);
          HeadLink link = links.get(i);
          table.row(
              profile.head().toString(),
              profile.job() == null ? "" : profile.job().id(),
              profile.job() == null ? "" : share(profile.score()),
              Table.shortened(link.from(), 20),
              Table.shortened(link.to(), 20),
              share(link.attention()));
        }
        print(table.lines());
      }
      page(encoder, profiles, List.of());
    }
  }

  private void measure() throws IOException {
    CorpusOptions reading = read.options(this);
    var warnings = new ArrayList<String>();
    List<Path> files = in == null ? List.of() : files(in, warnings);
    List<ParsedSentence> parsed = conllu == null ? List.of() : ParsedSentence.read(conllu);
    try (Encoder encoder = open(sample(files, reading, parsed));
        Bars bars = bars()) {
      Inside inside = inside(encoder);
      var options = HeadProfileOptions.DEFAULT.withPieceTokens(piece);
      HeadProfiles profiles =
          in == null
              ? null
              : new HeadProfiler(inside, options.withTexts(texts).withTokens(tokens))
                  .profile(files, reading, resume, bars, terminal.cancel());
      if (profiles != null && profiles.skipped() > 0) {
        warnings.add("%d texts had nothing to read in them".formatted(profiles.skipped()));
      }
      var relations = new ArrayList<RelationHead>();
      var trial = new HeadTrial(inside, seed);
      if (!parsed.isEmpty()) {
        relations.addAll(trial.ofSyntax(parsed, warnings, bars, terminal.cancel()));
      }
      if (pronouns) {
        relations.addAll(trial.ofPronouns(PronounSentence.bundled(), bars, terminal.cancel()));
      }
      bars.clear();
      if (json) {
        print(json(encoder, profiles, relations, warnings));
      } else {
        warn(warnings);
        if (profiles != null) {
          show(encoder, profiles);
        }
        show(relations);
      }
      page(encoder, profiles, relations);
    }
  }

  private static List<Path> files(Path path, List<String> warnings) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> walk = Files.walk(path)) {
      List<Path> all = walk.filter(Files::isRegularFile).sorted().toList();
      List<Path> files =
          all.stream()
              .filter(f -> f.toString().matches("(?i).*\\.(txt|jsonl|ndjson|tsv)(\\.gz)?"))
              .toList();
      if (files.isEmpty()) {
        throw new PolysemeException(
            "%s has no file of texts: .txt, .jsonl or .tsv, packed with gzip or not"
                .formatted(path));
      }
      if (files.size() < all.size()) {
        warnings.add(
            "%d files of %s are of other kinds, and passed over"
                .formatted(all.size() - files.size(), path));
      }
      return files;
    } catch (IOException | UncheckedIOException e) {
      throw new PolysemeException(
          "cannot read the folder %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static String sample(
      List<Path> files, CorpusOptions reading, List<ParsedSentence> parsed) {
    if (!files.isEmpty()) {
      try (CorpusReader reader = CorpusReader.open(files.getFirst(), reading)) {
        return reader.sample(SAMPLE);
      }
    }
    return parsed.isEmpty() ? "" : parsed.getFirst().text();
  }

  private static Answers answers(Encoder encoder, String query) {
    return new Answers("inspect heads", query).of("model", encoder.info().card().name());
  }

  private String json(
      Encoder encoder,
      @Nullable HeadProfiles profiles,
      List<RelationHead> relations,
      List<String> warnings) {
    Answers answers = answers(encoder, in == null ? "" : in.toString()).warn(warnings);
    var whole = new JsonObject();
    if (profiles != null) {
      whole.addProperty("texts", profiles.texts());
      whole.addProperty("pieces", profiles.pieces());
      whole.addProperty("tokens", profiles.tokens());
      var even = new JsonObject();
      for (HeadPattern pattern : HeadPattern.values()) {
        even.addProperty(pattern.id(), profiles.even().get(pattern));
      }
      whole.add("even", even);
      var best = new JsonArray();
      for (BestHead it : profiles.best()) {
        var one = new JsonObject();
        one.addProperty("job", it.pattern().id());
        one.addProperty("head", it.head().toString());
        one.addProperty("chosenBy", it.chosenBy());
        one.addProperty("score", it.score());
        one.addProperty("even", it.even());
        one.addProperty("median", it.median());
        one.addProperty("words", it.words());
        best.add(one);
      }
      whole.add("best", best);
      profiles.heads().forEach(profile -> describe(answers.result(), profile));
    }
    var found = new JsonArray();
    for (RelationHead it : relations) {
      var one = new JsonObject();
      one.addProperty("relation", it.relation());
      one.addProperty("direction", it.direction().id());
      one.addProperty("head", it.head().toString());
      one.addProperty("chosenBy", it.chosenBy());
      one.addProperty("score", it.accuracy());
      one.addProperty("low", it.low());
      one.addProperty("high", it.high());
      one.addProperty("items", it.items());
      one.addProperty("offset", it.offset());
      one.addProperty("offsetScore", it.offsetAccuracy());
      one.addProperty("shuffled", it.shuffled());
      one.addProperty("chance", it.chance());
      found.add(one);
    }
    whole.add("relations", found);
    return answers.with("profile", whole).toString();
  }

  private static JsonObject describe(JsonObject result, HeadProfile profile) {
    result.addProperty("label", profile.head().toString());
    result.addProperty("layer", profile.head().layer());
    result.addProperty("head", profile.head().head());
    result.addProperty("job", profile.job() == null ? null : profile.job().id());
    result.addProperty("score", profile.score());
    var shares = new JsonObject();
    for (HeadPattern pattern : HeadPattern.values()) {
      shares.addProperty(pattern.id(), profile.shares().get(pattern));
    }
    result.add("shares", shares);
    result.addProperty("distance", profile.distance());
    return result;
  }

  private void show(Encoder encoder, HeadProfiles profiles) {
    print(
        String.format(
            Locale.ROOT,
            "%s: %,d texts in %,d pieces, %,d tokens",
            encoder.info().card().name(),
            profiles.texts(),
            profiles.pieces(),
            profiles.tokens()));
    print("");
    print("The best head for each job, chosen on half of the texts, scored on the other half:");
    var table = new Table();
    table.row("job", "head", "share", "even attention", "median head", "words");
    for (BestHead best : profiles.best()) {
      table.row(
          best.pattern().id(),
          best.head().toString(),
          share(best.score()),
          share(best.even()),
          share(best.median()),
          String.format(Locale.ROOT, "%,d", best.words()));
    }
    print(table.lines());
    print("");
    print("What each head does most (a share of its attention, in percent):");
    var grid = new Table();
    grid.row(
        Stream.concat(
                Stream.of("layer"),
                IntStream.range(0, profiles.headsPerLayer()).mapToObj(Integer::toString))
            .toArray(String[]::new));
    for (int layer = 1; layer <= profiles.layers(); layer++) {
      var cells = new ArrayList<String>();
      cells.add(Integer.toString(layer));
      for (HeadProfile profile : profiles.heads()) {
        if (profile.head().layer() == layer) {
          cells.add(
              profile.job() == null
                  ? "·"
                  : String.format(
                      Locale.ROOT,
                      "%s %.0f",
                      SHORT[profile.job().ordinal()],
                      100 * profile.score()));
        }
      }
      grid.row(cells.toArray(String[]::new));
    }
    print(grid.lines());
  }

  /** By pattern. */
  private static final String[] SHORT = {
    "prev", "next", "self", "same", "start", "sep", "punct", "broad"
  };

  private void show(List<RelationHead> relations) {
    if (relations.isEmpty()) {
      return;
    }
    print("");
    print("The best head for each relation, chosen on half of the sentences, scored on the other:");
    var table = new Table();
    table.row("relation", "looks", "head", "right", "95 %", "fixed distance", "shuffled", "of");
    int shown = 0;
    for (RelationHead it : relations) {
      if (!it.relation().equals("pronoun") && ++shown > RELATIONS_SHOWN) {
        continue;
      }
      table.row(
          it.relation(),
          it.direction().id(),
          it.head().toString(),
          share(it.accuracy()),
          share(it.low()) + " to " + share(it.high()),
          share(it.offsetAccuracy()) + String.format(Locale.ROOT, " (%+d)", it.offset()),
          share(it.shuffled()),
          String.format(Locale.ROOT, "%,d", it.items()));
    }
    print(table.lines());
    if (shown > RELATIONS_SHOWN) {
      print(
          terminal.dim(
              "(%d more relations, found worse beyond their controls; --json has them all)"
                  .formatted(shown - RELATIONS_SHOWN)));
    }
  }

  private static String share(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.3f", share);
  }

  private void page(Encoder encoder, @Nullable HeadProfiles profiles, List<RelationHead> relations)
      throws IOException {
    if (html == null) {
      return;
    }
    var page = new HtmlPage("The attention heads of " + encoder.info().card().name());
    if (profiles != null) {
      page.text(
          String.format(
              Locale.ROOT, "%,d texts, %,d tokens.", profiles.texts(), profiles.tokens()));
      List<String> heads =
          IntStream.range(0, profiles.headsPerLayer()).mapToObj(Integer::toString).toList();
      List<String> layers =
          IntStream.rangeClosed(1, profiles.layers()).mapToObj(l -> "layer " + l).toList();
      var names = new ArrayList<String>();
      var maps = new ArrayList<JsonObject>();
      for (HeadPattern pattern : HeadPattern.values()) {
        var values = new float[profiles.layers()][profiles.headsPerLayer()];
        for (HeadProfile profile : profiles.heads()) {
          values[profile.head().layer() - 1][profile.head().head()] =
              profile.shares().getOrDefault(pattern, Double.NaN).floatValue();
        }
        names.add(pattern.id());
        maps.add(Charts.heatMap(heads, layers, values, 0, 1));
      }
      page.choice(
          "What the heads look at",
          "Shares of a head's attention, over the words where there is something of the kind; broad"
              + " is the entropy as a share of the greatest there can be.",
          names,
          maps);
      if (!profiles.best().isEmpty()) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("job", "head", "share", "even attention", "median head"));
        for (BestHead best : profiles.best()) {
          rows.add(
              List.of(
                  best.pattern().id(),
                  best.head().toString(),
                  share(best.score()),
                  share(best.even()),
                  share(best.median())));
        }
        page.heading("The best heads")
            .text("Chosen on half of the texts, scored on the other half.")
            .table(rows);
      }
    }
    if (!relations.isEmpty()) {
      var rows = new ArrayList<List<String>>();
      rows.add(List.of("relation", "looks", "head", "right", "fixed distance", "shuffled", "of"));
      for (RelationHead it : relations) {
        rows.add(
            List.of(
                it.relation(),
                it.direction().id(),
                it.head().toString(),
                share(it.accuracy()),
                share(it.offsetAccuracy()),
                share(it.shuffled()),
                Integer.toString(it.items())));
      }
      page.heading("Relations")
          .text("Chosen on half of the sentences, scored on the other half.")
          .table(rows);
    }
    page.write(html);
  }
}
