package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.insight.AddedPiece;
import io.polyseme.insight.NeuronExample;
import io.polyseme.insight.NeuronProfile;
import io.polyseme.insight.ProfiledNeuron;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Neurons as they are shown to a person and to a program. */
final class NeuronShown {
  private NeuronShown() {}

  static JsonObject about(NeuronProfile asked) {
    var about = new JsonObject();
    about.addProperty("corpus", asked.corpus());
    about.addProperty("texts", asked.texts());
    about.addProperty("sentences", asked.sentences());
    about.addProperty("tokens", asked.tokens());
    about.addProperty("neurons", asked.layers().size() * asked.width());
    about.addProperty("examples", asked.top());
    return about;
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  static String told(ProfiledNeuron it) {
    return String.format(
        Locale.ROOT,
        "fires at %s of the tokens, mean %.3f ± %.3f, at most %.2f",
        percent(it.firing()),
        it.mean(),
        it.deviation(),
        it.maximum());
  }

  static String told(List<AddedPiece> added) {
    return added.stream()
        .map(it -> Table.printable(it.piece()) + String.format(Locale.ROOT, " %.2f", it.score()))
        .collect(Collectors.joining(", "));
  }

  static void add(
      HtmlPage page, ProfiledNeuron neuron, List<NeuronExample> shown, List<AddedPiece> added) {
    page.heading("Neuron " + neuron.id())
        .text("It " + told(neuron) + ".")
        .text("Adds towards: " + told(added));
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("activation", "what excites it"));
    for (NeuronExample it : shown) {
      rows.add(List.of(number("%.2f", it.activation()), Table.around(it.text(), it.token(), 400)));
    }
    page.table(rows);
  }

  static void describe(
      JsonObject result, ProfiledNeuron neuron, List<NeuronExample> shown, List<AddedPiece> added) {
    describe(result, neuron);
    var list = new JsonArray();
    shown.forEach(it -> list.add(example(it)));
    result.add("examples", list);
    var pieces = new JsonArray();
    for (AddedPiece it : added) {
      var piece = new JsonObject();
      piece.addProperty("piece", it.piece());
      piece.addProperty("score", it.score());
      pieces.add(piece);
    }
    result.add("adds", pieces);
  }

  static void describe(JsonObject result, ProfiledNeuron neuron) {
    result.addProperty("label", neuron.id().toString());
    result.addProperty("layer", neuron.id().layer());
    result.addProperty("neuron", neuron.id().unit());
    result.addProperty("mean", neuron.mean());
    result.addProperty("deviation", neuron.deviation());
    result.addProperty("firing", neuron.firing());
    result.addProperty("greatest", neuron.maximum());
  }

  static JsonObject example(NeuronExample it) {
    var example = new JsonObject();
    example.addProperty("activation", it.activation());
    example.addProperty("text", it.text());
    example.add("span", Answers.span(it.token()));
    example.addProperty("token", it.tokenText());
    example.addProperty("word", it.wordText());
    return example;
  }

  /** The words at which a neuron fires most, each once. */
  static String words(ProfiledNeuron neuron) {
    return neuron.examples().stream()
        .map(it -> it.wordText().toLowerCase(Locale.ROOT))
        .distinct()
        .limit(10)
        .collect(Collectors.joining(", "));
  }
}
