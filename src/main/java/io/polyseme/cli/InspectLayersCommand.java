package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.evaluate.CoarseSenses;
import io.polyseme.insight.MeanPath;
import io.polyseme.insight.SenseLayers;
import io.polyseme.insight.SenseLayers.Example;
import io.polyseme.insight.SenseLayers.Told;
import io.polyseme.insight.Unit;
import io.polyseme.insight.WordPath;
import io.polyseme.insight.WordPath.Step;
import io.polyseme.sense.Analyser;
import io.polyseme.sense.Sense;
import io.polyseme.sense.SenseInventory;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "layers",
    description = {
      "The way of a word through the layers: how far each moves it, what of that attention and"
          + " feed-forward layer bring, and which of the word's senses it is nearest to by then.",
      "Senses are the means of the word in examples: the inventory's, or those of a sense-labelled"
          + " set (--senses), which has more of them. With several texts their words are compared"
          + " at each layer."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme inspect layers \"He sat on the bank of the river.\" --word bank",
      "  polyseme inspect layers \"He put money in the bank.\" \"He sat on the bank of the river.\""
          + " --word bank",
      "  polyseme inspect layers TEXT --word bank --senses coarsewsd20/bank --html bank.html",
      "  polyseme inspect layers --in corpus.txt.gz --word bank"
    })
final class InspectLayersCommand extends InspectAsked {
  /** Of more examples of one sense of a labelled set so many are taken. */
  private static final int EXAMPLES = 100;

  private static final int LABEL_COLUMNS = 34;
  private static final int GLOSS_COLUMNS = 70;

  @Parameters(arity = "0..*", paramLabel = "TEXT", description = "Texts; else standard input.")
  List<String> texts = List.of();

  @Option(
      names = "--word",
      paramLabel = "WORD",
      description = "The word; with --in all words where none is named.")
  @Nullable String word;

  @Option(
      names = "--in",
      paramLabel = "FILE",
      description = "The mean way of the word over a corpus, instead of its way in one text.")
  @Nullable Path in;

  @Option(
      names = "--occurrence",
      paramLabel = "N",
      description = "Which, where it is more than once in a text (default: the first).")
  int occurrence = 1;

  @Option(
      names = "--senses",
      paramLabel = "PATH",
      description =
          "A sense-labelled set with this word: a word's folder of CoarseWSD-20, a senseval sample,"
              + " or SememeWSD (default: the inventory's examples).")
  @Nullable Path senses;

  @Option(
      names = "--inventory",
      paramLabel = "INVENTORY",
      description =
          "wordnet-3.0, wordnet-3.1, a file of your own senses, or none (default:"
              + " ${DEFAULT-VALUE}).")
  String inventory = "wordnet-3.0";

  /** What the senses of an inventory mean, by their ids. */
  private final Map<String, String> glosses = new HashMap<>();

  InspectLayersCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    if (occurrence < 1) {
      throw wrongUse("--occurrence counts from 1, and is " + occurrence);
    }
    if (in != null) {
      if (!texts.isEmpty()) {
        throw wrongUse("give texts, or a corpus with --in");
      }
      if (senses != null || occurrence != 1) {
        throw wrongUse("--senses and --occurrence are of one text: leave them out with --in");
      }
      average(in);
      return;
    }
    if (word == null) {
      throw wrongUse("--word names the word of the text that is followed");
    }
    List<String> asked = texts.isEmpty() ? List.of(text(null, "a text")) : texts;
    try (Bars bars = bars();
        Encoder encoder = open(asked.getFirst())) {
      Inside inside = inside(encoder);
      var paths = new ArrayList<WordPath>();
      for (String one : asked) {
        TokenisedText tokens = inside.tokenise(one);
        List<Unit> units = Unit.of(tokens);
        paths.add(WordPath.of(inside, tokens, units.get(find(units, word, occurrence))));
      }
      SenseLayers layers = senses(encoder, inside, asked.getFirst());
      bars.clear();
      String name = encoder.info().card().name();
      if (json) {
        print(answers(asked, name, paths, layers).toString());
      } else {
        show(asked, paths, layers);
      }
      if (html != null) {
        page(asked, name, paths, layers).write(html);
      }
    }
  }

  private void average(Path corpus) throws IOException {
    try (Bars bars = bars();
        CorpusReader reader = CorpusReader.open(corpus, CorpusOptions.DEFAULT);
        Encoder encoder = open(reader.sample(4096))) {
      MeanPath mean =
          MeanPath.of(
              inside(encoder), reader.texts("reading the corpus", bars), word, terminal.cancel());
      bars.clear();
      String name = encoder.info().card().name();
      if (json) {
        var answers = new Answers("inspect layers", word == null ? "" : word).of("model", name);
        var counted = new JsonObject();
        counted.addProperty("words", mean.words());
        counted.addProperty("leftOut", mean.leftOut());
        answers.with("corpus", counted);
        for (MeanPath.Layer layer : mean.layers()) {
          JsonObject result = answers.result();
          result.addProperty("layer", layer.layer());
          result.addProperty("moved", layer.moved());
          result.addProperty("toFirst", layer.toFirst());
          result.addProperty("toBefore", layer.toBefore());
          number(result, "attention", layer.attention());
          number(result, "feedForward", layer.feedForward());
          number(result, "turned", layer.turned());
        }
        print(answers.toString());
      } else {
        print(
            String.format(
                Locale.ROOT,
                "%,d words; %,d texts left out: empty, or longer than the model's window",
                mean.words(),
                mean.leftOut()));
        var table = new Table();
        table.row("layer", "moved", "attention", "feed-forward", "to layer 0", "turned");
        for (MeanPath.Layer layer : mean.layers()) {
          table.row(
              Integer.toString(layer.layer()),
              layer.layer() == 0 ? "" : two(layer.moved()),
              two(layer.attention()),
              two(layer.feedForward()),
              two(layer.toFirst()),
              two(layer.turned()));
        }
        print(table.lines());
      }
      if (html != null) {
        List<MeanPath.Layer> layers = mean.layers();
        Map<String, double[]> lines = new LinkedHashMap<>();
        lines.put(
            "moved by the layer", layers.stream().mapToDouble(MeanPath.Layer::moved).toArray());
        lines.put("attention", layers.stream().mapToDouble(MeanPath.Layer::attention).toArray());
        lines.put(
            "feed-forward", layers.stream().mapToDouble(MeanPath.Layer::feedForward).toArray());
        lines.put(
            "cosine with layer 0", layers.stream().mapToDouble(MeanPath.Layer::toFirst).toArray());
        new HtmlPage("The way through the layers of " + name)
            .chart(
                "Mean over %,d words".formatted(mean.words()),
                "Lengths are shares of the state's own.",
                Charts.lines(
                    "layer",
                    layers.stream().map(l -> Integer.toString(l.layer())).toList(),
                    "",
                    lines))
            .write(html);
      }
    }
  }

  private @Nullable SenseLayers senses(Encoder encoder, Inside inside, String sample) {
    List<Example> examples;
    if (senses != null) {
      examples = labelled(senses);
    } else if (inventory.equals("none")) {
      return null;
    } else {
      try (SenseInventory opened = SenseInventory.open(inventory)) {
        examples = listed(opened, SenseAsked.analyser(opened, encoder, sample));
      }
      if (examples.stream().map(Example::sense).distinct().count() < 2) {
        warn(
            List.of(
                "the inventory %s has no examples of two senses of \"%s\": --senses names a set that has"
                    .formatted(inventory, word)));
        return null;
      }
    }
    SenseLayers layers = SenseLayers.of(inside, examples, terminal.cancel());
    if (layers.leftOut() > 0) {
      warn(
          List.of(
              "%d examples are longer than the model's window, and left out"
                  .formatted(layers.leftOut())));
    }
    return layers;
  }

  private List<Example> labelled(Path path) {
    var examples = new ArrayList<Example>();
    Map<String, Integer> counts = new HashMap<>();
    for (CoarseSenses.Word of : CoarseSenses.read(path).words()) {
      if (of.name().equalsIgnoreCase(word)) {
        for (CoarseSenses.Example one : of.train()) {
          if (counts.merge(one.sense(), 1, Integer::sum) <= EXAMPLES) {
            examples.add(
                new Example(
                    one.text(), one.span(), of.senses().getOrDefault(one.sense(), one.sense())));
          }
        }
      }
    }
    if (examples.isEmpty()) {
      throw new PolysemeException("%s has no word \"%s\"".formatted(path, word));
    }
    return examples;
  }

  /** The examples of all senses of the word, or else the gloss after the word. */
  private List<Example> listed(SenseInventory opened, Analyser analyser) {
    var examples = new ArrayList<Example>();
    for (String lemma : opened.lemmas(word, null)) {
      for (Sense sense : opened.senses(lemma, null)) {
        int before = examples.size();
        glosses.put(sense.id(), sense.gloss());
        for (String example : sense.examples()) {
          place(analyser, example, lemma)
              .ifPresent(span -> examples.add(new Example(example, span, sense.id())));
        }
        if (examples.size() == before && !sense.gloss().isEmpty()) {
          examples.add(
              new Example(
                  sense.lemma() + ": " + sense.gloss(),
                  new Span(0, sense.lemma().length()),
                  sense.id()));
        }
      }
    }
    return examples;
  }

  /** Where a lemma stands in an example; some have a synonym in its place. */
  private static Optional<Span> place(Analyser analyser, String example, String lemma) {
    try {
      return Optional.of(analyser.find(example, lemma, null).getFirst().span());
    } catch (PolysemeException e) {
      return Optional.empty();
    }
  }

  private void show(List<String> asked, List<WordPath> paths, @Nullable SenseLayers layers) {
    for (int i = 0; i < paths.size(); i++) {
      print(terminal.bold(Table.shortened(asked.get(i), 100)));
      List<Told> told = layers == null ? List.of() : layers.told(paths.get(i));
      var table = new Table();
      table.row(
          "layer",
          "moved",
          "attention",
          "feed-forward",
          "to layer 0",
          "turned",
          layers == null ? "" : "nearest sense",
          layers == null ? "" : "by");
      for (Step step : paths.get(i).steps()) {
        boolean first = step.layer() == 0;
        table.row(
            Integer.toString(step.layer()),
            first ? "" : two(step.moved()),
            two(step.attention()),
            two(step.feedForward()),
            two(step.toFirst()),
            two(step.turned()),
            layers == null
                ? ""
                : Table.shortened(
                    layers.senses().get(told.get(step.layer()).best()), LABEL_COLUMNS),
            layers == null ? "" : two(told.get(step.layer()).margin()));
      }
      print(table.lines());
      if (layers != null) {
        String sense = layers.senses().get(told.getLast().best());
        String gloss = glosses.getOrDefault(sense, "");
        print(
            "%s from layer %d on%s"
                .formatted(
                    sense,
                    SenseLayers.decided(told),
                    gloss.isEmpty() ? "" : ": " + Table.shortened(gloss, GLOSS_COLUMNS)));
      }
      print("");
    }
    if (layers != null && !Double.isNaN(layers.accuracy(layers.layers() - 1))) {
      var table = new Table();
      var head = new ArrayList<>(List.of("layer"));
      var row = new ArrayList<>(List.of("examples told apart"));
      for (int layer = 0; layer < layers.layers(); layer++) {
        head.add(Integer.toString(layer));
        row.add(two(layers.accuracy(layer)));
      }
      table.row(head.toArray(String[]::new)).row(row.toArray(String[]::new));
      print(table.lines());
      print("");
    }
    for (int i = 1; i < paths.size(); i++) {
      var table = new Table();
      var head = new ArrayList<>(List.of("layer"));
      var row = new ArrayList<>(List.of("cosine of texts 1 and " + (i + 1)));
      double[] cosines = cosines(paths.getFirst(), paths.get(i));
      for (int layer = 0; layer < cosines.length; layer++) {
        head.add(Integer.toString(layer));
        row.add(two(cosines[layer]));
      }
      table.row(head.toArray(String[]::new)).row(row.toArray(String[]::new));
      print(table.lines());
    }
  }

  private static double[] cosines(WordPath one, WordPath other) {
    return IntStream.range(0, one.steps().size())
        .mapToDouble(
            layer ->
                Vectors.cosine(one.steps().get(layer).state(), other.steps().get(layer).state()))
        .toArray();
  }

  private static String two(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
  }

  private Answers answers(
      List<String> asked, String name, List<WordPath> paths, @Nullable SenseLayers layers) {
    var answers = new Answers("inspect layers", word).of("model", name);
    if (layers != null) {
      answers.with("senses", Answers.strings(layers.senses()));
      var accuracy = new JsonArray();
      for (int layer = 0; layer < layers.layers(); layer++) {
        accuracy.add(layers.accuracy(layer));
      }
      answers.with("accuracy", accuracy);
    }
    for (int i = 0; i < paths.size(); i++) {
      List<Told> told = layers == null ? List.of() : layers.told(paths.get(i));
      double[] cosines = cosines(paths.getFirst(), paths.get(i));
      for (Step step : paths.get(i).steps()) {
        JsonObject result = answers.result();
        result.addProperty("text", asked.get(i));
        result.addProperty("label", paths.get(i).word());
        result.addProperty("layer", step.layer());
        result.addProperty("moved", step.moved());
        number(result, "attention", step.attention());
        number(result, "feedForward", step.feedForward());
        result.addProperty("toFirst", step.toFirst());
        result.addProperty("toBefore", step.toBefore());
        number(result, "turned", step.turned());
        result.addProperty("toFirstText", cosines[step.layer()]);
        if (layers != null) {
          Told at = told.get(step.layer());
          result.addProperty("sense", layers.senses().get(at.best()));
          result.addProperty("margin", at.margin());
          var scores = new JsonArray();
          for (double cosine : at.cosines()) {
            scores.add(cosine);
          }
          result.add("senseScores", scores);
          result.addProperty("decidedAt", SenseLayers.decided(told));
        }
      }
    }
    return answers;
  }

  private static void number(JsonObject result, String key, double value) {
    if (!Double.isNaN(value)) {
      result.addProperty(key, value);
    }
  }

  private HtmlPage page(
      List<String> asked, String name, List<WordPath> paths, @Nullable SenseLayers layers) {
    List<String> places =
        paths.getFirst().steps().stream().map(s -> Integer.toString(s.layer())).toList();
    var page = new HtmlPage("\"%s\" through the layers of %s".formatted(word, name));
    for (int i = 0; i < paths.size(); i++) {
      List<Step> steps = paths.get(i).steps();
      page.heading(asked.get(i));
      Map<String, double[]> lines = new LinkedHashMap<>();
      lines.put("moved by the layer", steps.stream().mapToDouble(Step::moved).toArray());
      lines.put("attention", steps.stream().mapToDouble(Step::attention).toArray());
      lines.put("feed-forward", steps.stream().mapToDouble(Step::feedForward).toArray());
      lines.put("cosine with layer 0", steps.stream().mapToDouble(Step::toFirst).toArray());
      page.chart(
          "The way",
          "Lengths are shares of the state's own.",
          Charts.lines("layer", places, "", lines));
      if (layers != null) {
        List<Told> told = layers.told(paths.get(i));
        Map<String, double[]> bySense = new LinkedHashMap<>();
        for (int s = 0; s < layers.senses().size(); s++) {
          int sense = s;
          bySense.put(
              layers.senses().get(s), told.stream().mapToDouble(t -> t.cosines()[sense]).toArray());
        }
        page.chart(
            "Senses",
            "Cosine with the mean of each sense. \"%s\" from layer %d on."
                .formatted(layers.senses().get(told.getLast().best()), SenseLayers.decided(told)),
            Charts.lines("layer", places, "cosine", bySense));
      }
    }
    if (paths.size() > 1) {
      Map<String, double[]> lines = new LinkedHashMap<>();
      for (int i = 1; i < paths.size(); i++) {
        lines.put("texts 1 and " + (i + 1), cosines(paths.getFirst(), paths.get(i)));
      }
      page.chart(
          "The texts compared",
          "Cosine of the word's states.",
          Charts.lines("layer", places, "cosine", lines));
    }
    return page;
  }
}
