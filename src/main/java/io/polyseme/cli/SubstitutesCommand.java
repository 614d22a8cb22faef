package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Occurrences;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.Analyser;
import io.polyseme.sense.Disambiguator;
import io.polyseme.sense.PartOfSpeech;
import io.polyseme.sense.RankedSense;
import io.polyseme.sense.Sense;
import io.polyseme.sense.SenseInventory;
import io.polyseme.usage.Substitute;
import io.polyseme.usage.SubstituteOptions;
import io.polyseme.usage.Substitutes;
import io.polyseme.vector.Span;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "substitutes",
    description = {
      "The words that could stand in a word's place, in the sense that it has there.",
      "They come from the inventory (the sense's synonyms, wider, narrower and neighbouring senses)"
          + " and from the neighbours in a word space, are put in its place, and ranked by how"
          + " little that changes: 1 is nothing, 0 as much as what was tried does on average."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme substitutes \"He sat on the bank of the river\" --word bank",
      "  polyseme substitutes \"The bank raised its rates\" --word bank --top 20 --json",
      "  polyseme substitutes 他花了很多钱 --word 花"
    })
final class SubstitutesCommand extends SenseAsked {
  private static final int COLUMNS = 100;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text; else standard input.")
  @Nullable String text;

  @Option(
      names = "--word",
      required = true,
      paramLabel = "WORD",
      description = "The word, as it is written or as its lemma.")
  String word = "";

  @Option(
      names = "--occurrence",
      paramLabel = "N",
      description = "Which, where the word is more than once in the text (default: the first).")
  @Nullable Integer occurrence;

  @Option(
      names = "--sense",
      paramLabel = "ID",
      description = "The sense that it has (default: the likeliest).")
  @Nullable String senseId;

  @Option(
      names = "--pos",
      paramLabel = "POS",
      description = "What the word is: noun, verb, adjective, adverb or other.")
  @Nullable String pos;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A model's name or folder (default: by the text's script).")
  @Nullable String model;

  @Option(
      names = "--space",
      paramLabel = "SPACE",
      description =
          "The word space whose neighbours are tried; none for none (default: by script).")
  @Nullable String space;

  @Option(names = "--top", paramLabel = "N", description = "How many (default: ${DEFAULT-VALUE}).")
  int top = SubstituteOptions.DEFAULT.top();

  SubstitutesCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    String asked = text(text, "a text");
    if (asked.isBlank()) {
      throw wrongUse("the text is empty");
    }
    if (occurrence != null && occurrence < 1) {
      throw wrongUse("--occurrence counts from 1, and is " + occurrence);
    }
    SubstituteOptions options = SubstituteOptions.DEFAULT.withTop(top);
    PartOfSpeech part = partOfSpeech(pos);
    String name = model == null ? ModelStore.defaultFor(asked) : model;
    try (Bars bars = bars();
        SenseInventory inventory = inventory();
        Encoder encoder = Encoder.open(model(name), encoderOptions())) {
      var warnings = new ArrayList<String>();
      AnalysedWord there = there(asked, inventory, encoder, part, warnings);
      RankedSense meant = sense(asked, there, inventory, encoder);
      if (meant != null && meant.sense().pos() != null) {
        there = new AnalysedWord(there.span(), there.lemmas(), meant.sense().pos());
      }
      List<Substitute> found;
      try (WordVectors words = "none".equals(space) ? null : words(asked, bars)) {
        found =
            new Substitutes(encoder, inventory, words, options)
                .of(asked, there, meant == null ? null : meant.sense(), terminal.cancel());
        if (found.isEmpty()) {
          throw new PolysemeException(
              "nothing is known that could stand for \"%s\": %s has no words of like meaning, and %s"
                  .formatted(
                      there.span().of(asked),
                      inventory.name(),
                      words == null
                          ? "no word space was asked"
                          : "the space %s does not know it".formatted(words.info().name())));
        }
      }
      bars.clear();
      show(asked, name, meant, found, warnings);
    }
  }

  private WordVectors words(String asked, Bars bars) {
    String name = space == null ? Asked.spaceFor(asked) : space;
    return spaces().open(name, bars, terminal.cancel());
  }

  /** The word where it stands, whether the inventory has it or not. */
  private AnalysedWord there(
      String asked,
      SenseInventory inventory,
      Encoder encoder,
      @Nullable PartOfSpeech part,
      List<String> warnings) {
    Analyser analyser = analyser(inventory, encoder, asked);
    List<AnalysedWord> found;
    if (inventory.lemmas(word.strip(), null).isEmpty()) {
      found = unlisted(asked, encoder, part);
      warnings.add(
          "\"%s\" is unknown to the inventory %s: only the word space is asked"
              .formatted(word, inventory.name()));
    } else {
      found = analyser.find(asked, word, part);
    }
    if (occurrence == null && found.size() > 1) {
      warnings.add(
          "\"%s\" is %d times in the text: the first is meant; --occurrence names another"
              .formatted(word, found.size()));
    }
    int which = occurrence == null ? 1 : occurrence;
    if (which > found.size()) {
      throw new PolysemeException(
          "\"%s\" is %s in the text, and occurrence %d was asked for"
              .formatted(word, found.size() == 1 ? "once" : found.size() + " times", which));
    }
    return found.get(which - 1);
  }

  /** A word that the inventory does not have, where it stands by itself if it does anywhere. */
  private List<AnalysedWord> unlisted(String asked, Encoder encoder, @Nullable PartOfSpeech part) {
    List<Span> spans = Occurrences.of(word.strip(), asked);
    List<Span> alone = spans.stream().filter(encoder.words(asked)::contains).toList();
    return (alone.isEmpty() ? spans : alone)
        .stream()
            .map(
                span ->
                    new AnalysedWord(span, List.of(span.of(asked).toLowerCase(Locale.ROOT)), part))
            .toList();
  }

  private @Nullable RankedSense sense(
      String asked, AnalysedWord there, SenseInventory inventory, Encoder encoder) {
    if (senseId == null) {
      return inventory.senses(there.lemma(), there.pos()).isEmpty()
          ? null
          : Disambiguator.of(inventory, encoder, terminal.cancel())
              .rank(new Disambiguator.Context(asked, List.of(there)), terminal.cancel())
              .getFirst()
              .best();
    }
    Sense sense =
        inventory
            .sense(senseId)
            .orElseThrow(
                () ->
                    new PolysemeException(
                        "the inventory %s has no sense \"%s\"; polyseme senses %s lists those it has"
                            .formatted(inventory.name(), senseId, word)));
    if (there.lemmas().stream().noneMatch(sense.lemma()::equalsIgnoreCase)) {
      throw new PolysemeException(
          "the sense \"%s\" is one of \"%s\" and not of \"%s\"; polyseme senses %s lists its"
              .formatted(senseId, sense.lemma(), there.lemma(), there.lemma()));
    }
    return new RankedSense(sense, 1, List.of());
  }

  private void show(
      String asked,
      String name,
      @Nullable RankedSense meant,
      List<Substitute> found,
      List<String> warnings) {
    if (json) {
      var answers = new Answers("substitutes", asked).of("model", name).warn(warnings);
      if (meant != null) {
        var sense = new JsonObject();
        SensesCommand.describe(sense, meant.sense());
        sense.addProperty("score", meant.probability());
        answers.with("sense", sense);
      }
      int rank = 0;
      for (Substitute it : found) {
        JsonObject result = answers.result();
        result.addProperty("rank", ++rank);
        result.addProperty("label", it.word());
        result.addProperty("lemma", it.lemma());
        result.addProperty("score", it.score());
        result.addProperty("source", it.source().toString());
        result.addProperty("text", it.text());
        result.add("span", Answers.span(it.span()));
      }
      print(answers.toString());
      return;
    }
    warn(warnings);
    if (meant != null) {
      print(
          Table.shortened(
              "in the sense %s (%s) %s"
                  .formatted(
                      meant.sense().id(),
                      score(meant.probability()),
                      SensesCommand.shown(meant.sense())),
              COLUMNS));
    }
    int rank = 0;
    var table = new Table();
    for (Substitute it : found) {
      table.row(
          Integer.toString(++rank),
          score(it.score()),
          Table.printable(it.word()),
          it.source().toString(),
          Table.shortened(it.text(), COLUMNS));
    }
    print(table.lines());
  }

  private static String score(double score) {
    return String.format(Locale.ROOT, "%.3f", score);
  }
}
