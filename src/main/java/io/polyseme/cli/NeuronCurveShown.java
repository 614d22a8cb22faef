package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.insight.Estimate;
import io.polyseme.insight.NeuronLayer;
import io.polyseme.insight.NeuronProfile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What is shown of how alike the examples of each layer's neurons are. */
final class NeuronCurveShown {
  /**
   * A figure of every layer.
   *
   * @param floor of random pairs; null where there is none
   */
  private record Column(
      String key,
      String title,
      Function<NeuronLayer, Estimate> value,
      @Nullable ToDoubleFunction<NeuronLayer> floor) {}

  private static final List<Column> WRITTEN =
      List.of(
          new Column(
              "samePiece", "same token", NeuronLayer::samePiece, NeuronLayer::samePieceFloor),
          new Column("sameWord", "same word", NeuronLayer::sameWord, NeuronLayer::sameWordFloor),
          new Column("oneWord", "all one word", NeuronLayer::oneWord, null),
          new Column(
              "sharedContext",
              "word shared near",
              NeuronLayer::sharedContext,
              NeuronLayer::sharedContextFloor));

  private static final List<Column> MEANT =
      List.of(
          new Column("sentence", "sentences", NeuronLayer::sentence, NeuronLayer::sentenceFloor),
          new Column("word", "words", NeuronLayer::word, NeuronLayer::wordFloor),
          new Column(
              "otherWord",
              "words, if not the same",
              NeuronLayer::otherWord,
              NeuronLayer::otherWordFloor));

  private final NeuronProfile profile;
  private final String judge;
  private final List<NeuronLayer> layers;

  NeuronCurveShown(NeuronProfile profile, String judge, List<NeuronLayer> layers) {
    this.profile = profile;
    this.judge = judge;
    this.layers = layers;
  }

  void show(Command command, JsonObject about, @Nullable Path html) throws IOException {
    if (command.json) {
      command.print(json(about));
    } else {
      command.print(
          "Shares of pairs of a neuron's examples, and of neurons; less what random pairs have, in"
              + " brackets the 95 % interval of the mean over neurons");
      command.print(table(WRITTEN));
      command.print("");
      command.print(
          "Cosines of their vectors in the last layer of %s, less those of random pairs"
              .formatted(judge));
      command.print(table(MEANT));
    }
    if (html != null) {
      new HtmlPage("What excites the neurons of " + profile.model())
          .text(
              String.format(
                  Locale.ROOT,
                  "%,d tokens of %s; pairs of the strongest examples of a neuron, less random pairs"
                      + " of the same layer.",
                  profile.tokens(),
                  profile.corpus()))
          .chart("What is written", "Shares of pairs, and of neurons.", chart("share", WRITTEN))
          .chart(
              "What is meant",
              "Cosines of vectors in the last layer of " + judge + ".",
              chart("cosine above that of random pairs", MEANT))
          .write(html);
    }
  }

  private List<String> table(List<Column> columns) {
    var table = new Table();
    var head = new ArrayList<String>(List.of("layer", "neurons"));
    columns.forEach(column -> head.add(column.title));
    table.row(head.toArray(String[]::new));
    for (NeuronLayer layer : layers) {
      var row = new ArrayList<String>();
      row.add(Integer.toString(layer.layer()));
      row.add(Integer.toString(layer.neurons()));
      for (Column column : columns) {
        Estimate value = column.value.apply(layer);
        double floor = floor(column, layer);
        row.add(
            String.format(
                Locale.ROOT,
                "%.3f [%.3f, %.3f]",
                value.value() - floor,
                value.low() - floor,
                value.high() - floor));
      }
      table.row(row.toArray(String[]::new));
    }
    return table.lines();
  }

  private static double floor(Column column, NeuronLayer layer) {
    return column.floor == null ? 0 : column.floor.applyAsDouble(layer);
  }

  private JsonObject chart(String name, List<Column> columns) {
    Map<String, double[]> lines = new LinkedHashMap<>();
    for (Column column : columns) {
      lines.put(
          column.title,
          layers.stream()
              .mapToDouble(layer -> column.value.apply(layer).value() - floor(column, layer))
              .toArray());
    }
    return Charts.lines(
        "layer", layers.stream().map(it -> Integer.toString(it.layer())).toList(), name, lines);
  }

  private String json(JsonObject about) {
    var answers = new Answers("inspect neurons", "curve").of("model", profile.model());
    answers.with("profile", about);
    answers.of("judge", judge);
    for (NeuronLayer layer : layers) {
      JsonObject result = answers.result();
      result.addProperty("layer", layer.layer());
      result.addProperty("neurons", layer.neurons());
      for (List<Column> columns : List.of(WRITTEN, MEANT)) {
        for (Column column : columns) {
          JsonObject figure = RelationShown.figure(column.value.apply(layer));
          if (column.floor != null) {
            figure.addProperty("floor", column.floor.applyAsDouble(layer));
          }
          result.add(column.key, figure);
        }
      }
    }
    return answers.toString();
  }
}
