package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.insight.EmbeddingLens;
import io.polyseme.insight.EmbeddingLens.Candidate;
import io.polyseme.insight.Unit;
import io.polyseme.insight.WordPath;
import io.polyseme.lexicon.WordNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "lens",
    description = {
      "What each layer \"thinks\" of the positions of a text: the hidden state, taken to the model's"
          + " own word embeddings by a map that is learned from a corpus (a tuned lens), and named"
          + " by the nearest of them.",
      "Half of the positions that the map is learned from were masked. [MASK] in the text hides a"
          + " word."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme inspect lens \"He sat on the [MASK] of the river.\"",
      "  polyseme inspect lens \"He sat on the bank of the river.\" --word bank --top 8",
      "  polyseme inspect lens --in corpus.txt.gz --lens my.lens --positions 50000 \"...\"",
      "",
      "A model with a language-model head has a lens of its own: polyseme predict --layer all."
    })
final class InspectLensCommand extends InspectAsked {
  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "The text; else standard input.")
  @Nullable String text;

  @Option(
      names = "--word",
      paramLabel = "WORD",
      description = "Only this word (default: all of them).")
  @Nullable String word;

  @Option(
      names = "--occurrence",
      paramLabel = "N",
      description = "Which, where it is more than once in the text (default: the first).")
  int occurrence = 1;

  @Option(
      names = "--in",
      paramLabel = "FILE",
      description = "Text to learn the lens from (default, for English: WordNet's texts).")
  @Nullable Path in;

  @Option(
      names = "--lens",
      paramLabel = "FILE",
      description = "Where the lens is kept: read if it is there, else learned and written.")
  @Nullable Path file;

  @Option(
      names = "--positions",
      paramLabel = "N",
      description = "How many positions to learn from (default: ${DEFAULT-VALUE}).")
  int positions = 20_000;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is masked (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(names = "--top", paramLabel = "N", description = "How many (default: ${DEFAULT-VALUE}).")
  int top = 5;

  InspectLensCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (top < 1 || occurrence < 1 || positions < 1) {
      throw wrongUse("--top, --occurrence and --positions count from 1");
    }
    String asked = text(text, "a text");
    try (Bars bars = bars();
        Encoder encoder = open(asked)) {
      Inside inside = inside(encoder);
      TokenisedText tokens = inside.tokenise(asked);
      List<Unit> units =
          Unit.of(tokens).stream().filter(u -> u.kind() != Unit.Kind.SPECIAL).toList();
      if (word != null) {
        units = List.of(units.get(find(units, word, occurrence)));
      }
      EmbeddingLens lens = lens(inside, asked, bars);
      bars.clear();
      Activations values =
          inside.activations(tokens, ActivationRequest.of(WordPath.states(inside)));
      String name = encoder.info().card().name();
      if (json) {
        print(answers(asked, name, units, values, lens).toString());
      } else {
        show(units, values, lens);
      }
      if (html != null) {
        page(asked, name, units, values, lens).write(html);
      }
    }
  }

  private EmbeddingLens lens(Inside inside, String asked, Bars bars) throws IOException {
    if (file != null && Files.exists(file)) {
      if (in != null) {
        warn(List.of("%s is there and is used: nothing is learned from %s".formatted(file, in)));
      }
      return EmbeddingLens.read(file, inside);
    }
    EmbeddingLens learned;
    if (in != null) {
      try (CorpusReader reader = CorpusReader.open(in, CorpusOptions.DEFAULT)) {
        learned = learn(inside, reader.texts("reading the text", Progress.NONE), bars);
      }
    } else if (asked.codePoints().anyMatch(Character::isIdeographic)) {
      throw wrongUse("there is no text at hand in this language: --in names some to learn from");
    } else {
      var texts = new ArrayList<String>();
      try (WordNet wordNet = WordNet.open()) {
        wordNet.forEach(entry -> texts.addAll(entry.examples()));
      }
      learned = learn(inside, texts.iterator(), bars);
    }
    if (file == null) {
      warn(List.of("the lens was learned for this call alone; --lens FILE keeps it"));
    } else {
      learned.save(file);
    }
    return learned;
  }

  private EmbeddingLens learn(Inside inside, Iterator<String> texts, Bars bars) {
    return EmbeddingLens.learn(inside, texts, positions, seed, bars, terminal.cancel());
  }

  private void show(List<Unit> units, Activations values, EmbeddingLens lens) {
    for (Unit unit : units) {
      print(terminal.bold(Table.printable(unit.text())));
      var table = new Table();
      for (int layer = 0; layer < lens.layers(); layer++) {
        var cells = new ArrayList<>(List.of(Integer.toString(layer)));
        for (Candidate candidate : candidates(lens, values, layer, unit)) {
          cells.add(
              "%s %s"
                  .formatted(
                      Table.printable(candidate.piece()),
                      String.format(Locale.ROOT, "%.2f", candidate.score())));
        }
        table.row(cells.toArray(String[]::new));
      }
      print(table.lines());
      print("");
    }
    print(
        String.format(
            Locale.ROOT,
            "The lens was learned from %,d positions. At held-out ones the nearest embedding is"
                + " right:",
            lens.positions()));
    var table = new Table();
    var head = new ArrayList<>(List.of("layer"));
    var shown = new ArrayList<>(List.of("of pieces that stand there"));
    var masked = new ArrayList<>(List.of("of masked ones"));
    for (int layer = 0; layer < lens.layers(); layer++) {
      head.add(Integer.toString(layer));
      shown.add(percent(lens.shown(layer)));
      masked.add(percent(lens.masked(layer)));
    }
    table
        .row(head.toArray(String[]::new))
        .row(shown.toArray(String[]::new))
        .row(masked.toArray(String[]::new));
    print(table.lines());
    print(
        "The commonest piece alone would be right at %s of the masked."
            .formatted(percent(lens.floor())));
  }

  private List<Candidate> candidates(EmbeddingLens lens, Activations values, int layer, Unit unit) {
    return lens.candidates(layer, WordPath.mean(values, new Tap.HiddenState(layer), unit), top);
  }

  private Answers answers(
      String asked, String name, List<Unit> units, Activations values, EmbeddingLens lens) {
    var answers = new Answers("inspect lens", asked).of("model", name);
    var tested = new JsonObject();
    var shown = new JsonArray();
    var masked = new JsonArray();
    for (int layer = 0; layer < lens.layers(); layer++) {
      shown.add(lens.shown(layer));
      masked.add(lens.masked(layer));
    }
    tested.addProperty("positions", lens.positions());
    tested.addProperty("floor", lens.floor());
    tested.add("shown", shown);
    tested.add("masked", masked);
    answers.with("lens", tested);
    for (Unit unit : units) {
      for (int layer = 0; layer < lens.layers(); layer++) {
        int rank = 0;
        for (Candidate candidate : candidates(lens, values, layer, unit)) {
          JsonObject result = answers.result();
          result.addProperty("rank", ++rank);
          result.addProperty("label", candidate.piece());
          result.addProperty("score", candidate.score());
          result.addProperty("layer", layer);
          result.addProperty("text", unit.text());
          result.add("span", Answers.span(unit.span()));
        }
      }
    }
    return answers;
  }

  private HtmlPage page(
      String asked, String name, List<Unit> units, Activations values, EmbeddingLens lens) {
    var page = new HtmlPage("What the layers of %s think".formatted(name)).text(asked);
    for (Unit unit : units) {
      var rows = new ArrayList<List<String>>();
      var head = new ArrayList<>(List.of("layer"));
      IntStream.rangeClosed(1, top).forEach(n -> head.add(Integer.toString(n)));
      rows.add(head);
      for (int layer = 0; layer < lens.layers(); layer++) {
        var cells = new ArrayList<>(List.of(Integer.toString(layer)));
        candidates(lens, values, layer, unit).forEach(candidate -> cells.add(candidate.piece()));
        rows.add(cells);
      }
      page.heading(unit.text()).table(rows);
    }
    Map<String, double[]> lines = new LinkedHashMap<>();
    lines.put(
        "the piece that stands there",
        IntStream.range(0, lens.layers()).mapToDouble(lens::shown).toArray());
    lines.put(
        "a masked one", IntStream.range(0, lens.layers()).mapToDouble(lens::masked).toArray());
    return page.chart(
        "How often the nearest embedding is right",
        "At positions that the lens was not learned from.",
        Charts.lines(
            "layer",
            IntStream.range(0, lens.layers()).mapToObj(Integer::toString).toList(),
            "share",
            lines));
  }
}
