package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.index.OpenOptions;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.Analyser;
import io.polyseme.sense.Disambiguation;
import io.polyseme.sense.Disambiguator;
import io.polyseme.sense.Evidence;
import io.polyseme.sense.PartOfSpeech;
import io.polyseme.sense.RankedSense;
import io.polyseme.sense.SenseIndex;
import io.polyseme.sense.SenseInventory;
import io.polyseme.sense.SenseMethod;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "sense",
    description = {
      "Which sense a word has where it stands: the senses of an inventory, ranked, with what spoke"
          + " for them.",
      "Without --index the glosses and examples of the word's senses are encoded on the spot. An"
          + " index of senses (index build NAME --source senses) keeps them, and knows more where it"
          + " was given texts with labelled senses."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme sense \"He sat on the bank of the river\" --word bank",
      "  polyseme sense \"The bank raised its rates.\" --all --json",
      "  polyseme sense --all --lines < texts.txt",
      "  polyseme sense 他花了很多钱 --word 花 --inventory my-senses.jsonl"
    })
final class SenseCommand extends SenseAsked {
  private static final int GLOSS_COLUMNS = 70;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text; else standard input.")
  @Nullable String text;

  @Option(
      names = "--word",
      paramLabel = "WORD",
      description = "The word, as it is written or as its lemma; wherever it stands.")
  @Nullable String word;

  @Option(names = "--all", description = "Every word of the text that the inventory has.")
  boolean all;

  @Option(
      names = "--pos",
      paramLabel = "POS",
      description = "With --word, what it is: noun, verb, adjective, adverb or other.")
  @Nullable String pos;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description =
          "combined, context (without the frequency of senses), usages (the nearest mean of a sense's usages), glosses (the nearest gloss),"
              + " frequency (the most frequent sense) or lesk (shared words) (default:"
              + " ${DEFAULT-VALUE}).")
  String method = "combined";

  @Option(
      names = "--index",
      paramLabel = "INDEX",
      description = "An index of senses: a name under indexes/, or a folder.")
  @Nullable String index;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "A model's name or folder (default: the index's, or by the text's script).")
  @Nullable String model;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many senses of a word (default: ${DEFAULT-VALUE}; with --all 1).")
  @Nullable Integer top;

  @Option(names = "--lines", description = "Each line of standard input is a text of its own.")
  boolean lines;

  SenseCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if ((word == null) == !all) {
      throw wrongUse("give either --word WORD or --all");
    }
    if (top != null && top < 1) {
      throw wrongUse("--top must be at least 1, and is " + top);
    }
    if (lines && text != null) {
      throw wrongUse("--lines reads from standard input, and a text is given");
    }
    if (all && pos != null) {
      throw wrongUse("--pos is for --word");
    }
    SenseMethod how = option("--method", method, SenseMethod.class);
    PartOfSpeech part = partOfSpeech(pos);
    String asked = lines ? "" : text(text, "a text");
    if (!lines && asked.isBlank()) {
      throw wrongUse("the text is empty");
    }
    try (SenseInventory inventory = inventory();
        SenseIndex senses = index == null ? null : open(index)) {
      String name =
          model != null
              ? model
              : senses != null
                  ? senses.index().info().maker().model()
                  : ModelStore.defaultFor(asked.isEmpty() ? sample(inventory) : asked);
      try (Encoder encoder = Encoder.open(model(name), encoderOptions())) {
        Analyser analyser = analyser(inventory, encoder, asked);
        Disambiguator disambiguator =
            (senses == null
                    ? Disambiguator.of(inventory, encoder, terminal.cancel())
                    : Disambiguator.of(inventory, encoder, senses))
                .withMethod(how);
        if (lines) {
          eachLine(analyser, disambiguator, part, name);
        } else {
          answer(asked, find(analyser, asked, part), analyser, disambiguator, name);
        }
      }
    }
  }

  private static String sample(SenseInventory inventory) {
    return inventory.lemmas().limit(1000).collect(Collectors.joining(" "));
  }

  private static SenseIndex open(String name) {
    return SenseIndex.of(Asked.catalog().open(name, OpenOptions.DEFAULT.withName(name)));
  }

  private List<AnalysedWord> find(Analyser analyser, String text, @Nullable PartOfSpeech part) {
    return word == null ? analyser.words(text) : analyser.find(text, word, part);
  }

  private void answer(
      String text,
      List<AnalysedWord> words,
      Analyser analyser,
      Disambiguator disambiguator,
      String model) {
    List<Disambiguation> ranked =
        disambiguator.rank(new Disambiguator.Context(text, words), terminal.cancel());
    List<String> warnings = warnings(analyser, words);
    if (!json) {
      warn(warnings);
    }
    show(text, ranked, warnings, model);
  }

  private static List<String> warnings(Analyser analyser, List<AnalysedWord> words) {
    if (words.isEmpty()) {
      return List.of("the inventory has senses for no word of the text");
    }
    return analyser.tagged() || words.stream().allMatch(w -> w.pos() != null)
        ? List.of()
        : List.of(
            "parts of speech are not told apart in this language: the senses of all are considered");
  }

  private void eachLine(
      Analyser analyser, Disambiguator disambiguator, @Nullable PartOfSpeech part, String model)
      throws IOException {
    long[] failed = new long[2];
    try (BufferedReader reader = input("texts, one a line")) {
      var texts = new ArrayDeque<String>();
      var contexts = new LineContexts(reader, analyser, part, texts, failed);
      disambiguator.rankAll(
          contexts,
          result -> {
            String line = texts.remove();
            switch (result) {
              case Disambiguator.Result.Done done -> show(line, done.words(), List.of(), model);
              case Disambiguator.Result.Failed(long at, PolysemeException error) -> {
                failed[1]++;
                tell(line, error);
              }
            }
          },
          terminal.cancel());
    } catch (CharacterCodingException e) {
      throw notUtf8(e);
    }
    if (failed[1] > 0) {
      throw new PolysemeException(
          "%d of %d lines could not be answered".formatted(failed[1], failed[0]));
    }
  }

  private void tell(String line, PolysemeException error) {
    if (json) {
      print(new Answers("sense", line).warn(List.of(error.getMessage())).toString());
    }
    terminal.err().println("polyseme: " + Table.printable(error.getMessage()));
  }

  /** The lines of standard input with their words; those without the word are told of. */
  private final class LineContexts implements Iterator<Disambiguator.Context> {
    private final BufferedReader reader;
    private final Analyser analyser;
    private final @Nullable PartOfSpeech part;
    private final Queue<String> texts;
    private final long[] counts;
    private Disambiguator.@Nullable Context next;

    LineContexts(
        BufferedReader reader,
        Analyser analyser,
        @Nullable PartOfSpeech part,
        Queue<String> texts,
        long[] counts) {
      this.reader = reader;
      this.analyser = analyser;
      this.part = part;
      this.texts = texts;
      this.counts = counts;
    }

    @Override
    public boolean hasNext() {
      try {
        while (next == null) {
          String line = reader.readLine();
          if (line == null) {
            return false;
          }
          if (line.isBlank()) {
            continue;
          }
          counts[0]++;
          try {
            next = new Disambiguator.Context(line, find(analyser, line, part));
          } catch (PolysemeException e) {
            counts[1]++;
            tell(line, e);
          }
        }
        return true;
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public Disambiguator.Context next() {
      if (!hasNext()) {
        throw new java.util.NoSuchElementException();
      }
      Disambiguator.Context context = next;
      next = null;
      texts.add(context.text());
      return context;
    }
  }

  private void show(String text, List<Disambiguation> ranked, List<String> warnings, String model) {
    int most = top != null ? top : all ? 1 : 10;
    if (json) {
      var answers = new Answers("sense", text).of("model", model);
      for (Disambiguation of : ranked) {
        int rank = 0;
        for (RankedSense sense : of.senses().subList(0, Math.min(most, of.senses().size()))) {
          describe(answers.result(), of.word(), text, sense, ++rank);
        }
      }
      print(answers.warn(warnings).toString());
      return;
    }
    var table = new Table();
    for (Disambiguation of : ranked) {
      int rank = 0;
      if (ranked.size() > 1 && most > 1) {
        table.row(of.word().span().of(text), "at " + of.word().span().start());
      }
      for (RankedSense sense : of.senses().subList(0, Math.min(most, of.senses().size()))) {
        table.row(
            all ? Table.printable(of.word().span().of(text)) : Integer.toString(++rank),
            String.format(Locale.ROOT, "%.3f", sense.probability()),
            Table.printable(sense.sense().id()),
            Table.shortened(SensesCommand.shown(sense.sense()), GLOSS_COLUMNS));
      }
    }
    print(table.lines());
    if (!all) {
      for (Disambiguation of : ranked) {
        print("");
        print("for " + Table.printable(of.best().sense().id()) + " spoke");
        var why = new Table();
        for (Evidence evidence : of.best().evidence()) {
          why.row(
              "  " + evidence.kind(),
              String.format(Locale.ROOT, "%.3f", evidence.score()),
              Table.shortened(evidence.text(), GLOSS_COLUMNS));
        }
        print(why.lines());
      }
    }
  }

  private static void describe(
      JsonObject result, AnalysedWord word, String text, RankedSense ranked, int rank) {
    result.addProperty("rank", rank);
    result.addProperty("word", word.span().of(text));
    result.add("span", Answers.span(word.span()));
    SensesCommand.describe(result, ranked.sense());
    result.addProperty("score", ranked.probability());
    var evidence = new JsonArray();
    for (Evidence of : ranked.evidence()) {
      var object = new JsonObject();
      object.addProperty("kind", of.kind().toString());
      object.addProperty("text", of.text());
      object.addProperty("score", of.score());
      evidence.add(object);
    }
    result.add("evidence", evidence);
  }
}
