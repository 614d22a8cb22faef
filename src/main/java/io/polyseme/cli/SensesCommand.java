package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.sense.PartOfSpeech;
import io.polyseme.sense.Sense;
import io.polyseme.sense.SenseInventory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "senses",
    description = {
      "The senses that an inventory lists for a word.",
      "A form is traced back to its lemma: banks to bank. Where WordNet counted how often a sense"
          + " occurs in its tagged texts, the count is told."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme senses bank",
      "  polyseme senses bank --pos noun --json",
      "  polyseme senses 花 --inventory my-senses.jsonl"
    })
final class SensesCommand extends SenseAsked {
  private static final int GLOSS_COLUMNS = 90;

  @Parameters(arity = "0..1", paramLabel = "WORD", description = "The word; else standard input.")
  @Nullable String word;

  @Option(
      names = "--pos",
      paramLabel = "POS",
      description = "Only this part of speech: noun, verb, adjective, adverb or other.")
  @Nullable String pos;

  @Option(names = "--examples", description = "Show the examples too.")
  boolean examples;

  SensesCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    String asked = text(word, "a word").strip();
    if (asked.isEmpty()) {
      throw wrongUse("the word is empty");
    }
    PartOfSpeech part = partOfSpeech(pos);
    try (SenseInventory inventory = inventory()) {
      var senses = new ArrayList<Sense>();
      List<String> lemmas = inventory.lemmas(asked, part);
      for (String lemma : lemmas) {
        senses.addAll(inventory.senses(lemma, part));
      }
      if (senses.isEmpty()) {
        throw inventory.unknown(asked, part);
      }
      if (json) {
        var answers = new Answers("senses", asked).of("inventory", inventory.name());
        int rank = 0;
        for (Sense sense : senses) {
          JsonObject result = answers.result();
          result.addProperty("rank", ++rank);
          describe(result, sense);
        }
        print(answers.toString());
        return;
      }
      var table = new Table();
      for (Sense sense : senses) {
        table.row(
            Table.printable(sense.id()),
            sense.pos() == null ? "" : sense.pos().toString(),
            sense.count() < 0 ? "" : Integer.toString(sense.count()),
            Table.shortened(shown(sense), GLOSS_COLUMNS));
        if (examples) {
          for (String example : sense.examples()) {
            table.row("", "", "", Table.shortened("\"" + example + "\"", GLOSS_COLUMNS));
          }
        }
      }
      print(table.lines());
    }
  }

  /** Synonyms and gloss; an example where there is no gloss. */
  static String shown(Sense sense) {
    String gloss =
        sense.gloss().isEmpty() ? "\"" + sense.examples().getFirst() + "\"" : sense.gloss();
    return sense.synonyms().isEmpty()
        ? gloss
        : "(" + String.join(", ", sense.synonyms()) + ") " + gloss;
  }

  static void describe(JsonObject result, Sense sense) {
    result.addProperty("label", sense.id());
    result.addProperty("lemma", sense.lemma());
    if (sense.pos() != null) {
      result.addProperty("pos", sense.pos().toString());
    }
    result.addProperty("gloss", sense.gloss());
    result.add("examples", Answers.strings(sense.examples()));
    result.add("synonyms", Answers.strings(sense.synonyms()));
    if (sense.count() >= 0) {
      result.addProperty("count", sense.count());
    }
    if (!sense.topic().isEmpty()) {
      result.addProperty("topic", sense.topic());
    }
  }
}
