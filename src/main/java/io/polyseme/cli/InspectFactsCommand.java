package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Inside;
import io.polyseme.evaluate.AnalogyQuestions;
import io.polyseme.evaluate.RelationPairs;
import io.polyseme.insight.heads.FactPair;
import io.polyseme.insight.heads.FactScore;
import io.polyseme.insight.heads.FactScore.Probe;
import io.polyseme.insight.heads.FactScore.Removed;
import io.polyseme.insight.heads.FactScore.Told;
import io.polyseme.insight.heads.FactTexts;
import io.polyseme.insight.heads.FactTrial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "facts",
    description = {
      "Whether attention brings what is in the text, and feed-forward layers what is not.",
      "A probe that names a subject is read alone, after the true fact, after a wrong one (another's"
          + " object said of the subject) and after another's fact; and the model has its attention to"
          + " the fact, its attention layers or its feed-forward layers taken out (they give their"
          + " mean everywhere). How often is the fact's object the nearest of all objects, by the"
          + " cosine of the probe's hidden state to theirs, each less its mean?",
      "Pairs whose spelling tells one of the other are left out."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme inspect facts --pairs capitals.tsv                (country<tab>capital a line)",
      "  polyseme inspect facts --pairs questions-words.txt --section capital-world --swap",
      "  polyseme inspect facts --pairs authors.tsv --fact \"{object} was written by {subject}.\""
          + " --probe \"We read the [book] by {subject}.\" --object \"We read {object}.\""
    })
final class InspectFactsCommand extends InspectAsked {
  @Option(
      names = "--pairs",
      required = true,
      paramLabel = "FILE",
      description =
          "Subject and object a line, with a tab between them; or with --section a file of analogy"
              + " questions.")
  Path pairs = Path.of("");

  @Option(
      names = "--section",
      paramLabel = "NAME",
      description = "Take the pairs of this section of a file of analogy questions.")
  @Nullable String section;

  @Option(names = "--swap", description = "The object stands first in the file.")
  boolean swap;

  @Option(
      names = "--fact",
      paramLabel = "TEXT",
      description = "How the fact is told (default: \"${DEFAULT-VALUE}\").")
  String fact = FactTexts.CAPITALS.fact();

  @Option(
      names = "--probe",
      paramLabel = "TEXT",
      description =
          "The probe; the word in brackets is looked at, too (default: \"${DEFAULT-VALUE}\").")
  String probe = FactTexts.CAPITALS.probe();

  @Option(
      names = "--object",
      paramLabel = "TEXT",
      description = "By which an object's own state is made (default: \"${DEFAULT-VALUE}\").")
  String object = FactTexts.CAPITALS.object();

  @Option(
      names = "--layer",
      paramLabel = "N",
      description = "Which layer's figures are shown (default: the last; --json has all).")
  int layer = -1;

  InspectFactsCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    FactTexts texts = texts();
    List<FactPair> all = read();
    List<FactPair> used = FactPair.distinct(all);
    var warnings = new ArrayList<String>();
    if (used.size() < all.size()) {
      warnings.add(
          "%d of %d pairs are left out: their spelling tells one of the other, or one is there twice"
              .formatted(all.size() - used.size(), all.size()));
    }
    try (Encoder encoder = open(fact);
        Bars bars = bars()) {
      Inside inside = inside(encoder);
      int shown = layer < 0 ? inside.layers() : layer;
      if (layer < -1 || shown > inside.layers()) {
        throw new PolysemeException(
            "%s has layers 0 to %d, and --layer is %d"
                .formatted(encoder.info().card().name(), inside.layers(), layer));
      }
      List<FactScore> scores = new FactTrial(inside, texts).score(used, bars, terminal.cancel());
      bars.clear();
      if (json) {
        print(json(encoder, used, scores, warnings));
      } else {
        warn(warnings);
        show(encoder, used, scores, shown);
      }
      page(encoder, used, scores, inside.layers());
    }
  }

  private FactTexts texts() {
    try {
      return new FactTexts(fact, probe, object);
    } catch (IllegalArgumentException e) {
      throw wrongUse(e.getMessage());
    }
  }

  private List<FactPair> read() {
    RelationPairs relation =
        section == null
            ? RelationPairs.read(pairs)
            : RelationPairs.of(AnalogyQuestions.read(pairs), section, pairs);
    Set<FactPair> read = new LinkedHashSet<>();
    for (RelationPairs.Pair pair : relation.pairs()) {
      String first = pair.source();
      String second = pair.targets().getFirst();
      read.add(swap ? new FactPair(second, first) : new FactPair(first, second));
    }
    return List.copyOf(read);
  }

  private String json(
      Encoder encoder, List<FactPair> used, List<FactScore> scores, List<String> warnings) {
    Answers answers =
        new Answers("inspect facts", pairs.toString())
            .of("model", encoder.info().card().name())
            .warn(warnings);
    var whole = new JsonObject();
    whole.addProperty("pairs", used.size());
    whole.addProperty("chance", 1.0 / used.size());
    whole.addProperty("fact", fact);
    whole.addProperty("probe", probe);
    whole.addProperty("object", object);
    answers.with("facts", whole);
    for (FactScore it : scores) {
      JsonObject result = answers.result();
      result.addProperty("told", it.told().id());
      result.addProperty("without", it.removed().id());
      result.addProperty("at", it.at().id());
      result.addProperty("layer", it.layer());
      result.addProperty("score", it.right());
      result.add("interval", interval(it.rightLow(), it.rightHigh()));
      result.addProperty("reciprocalRank", it.rightRank());
      if (it.told() != Told.NOTHING) {
        result.addProperty("stated", it.stated());
        result.add("statedInterval", interval(it.statedLow(), it.statedHigh()));
        result.addProperty("statedReciprocalRank", it.statedRank());
      }
    }
    return answers.toString();
  }

  private static JsonArray interval(double low, double high) {
    var array = new JsonArray(2);
    array.add(low);
    array.add(high);
    return array;
  }

  private void show(Encoder encoder, List<FactPair> used, List<FactScore> scores, int shown) {
    print(
        String.format(
            Locale.ROOT,
            "%s, layer %d, %d pairs: how often the true object is the nearest (chance %.3f), and"
                + " the one that the text states",
            encoder.info().card().name(),
            shown,
            used.size(),
            1.0 / used.size()));
    for (Probe at : Probe.values()) {
      print("");
      print(
          at == Probe.SUBJECT
              ? "At the subject in the probe:"
              : "At \"%s\" in the probe:"
                  .formatted(probe.substring(probe.indexOf('[') + 1, probe.indexOf(']'))));
      var table = new Table();
      table.row(
          "without",
          "nothing told: true",
          "fact: true",
          "wrong: true",
          "wrong: stated",
          "other's fact: true",
          "other's fact: stated");
      for (Removed removed : Removed.values()) {
        var cells = new ArrayList<String>();
        cells.add(removed.id());
        for (Told told : Told.values()) {
          FactScore score = find(scores, told, removed, at, shown);
          cells.add(score == null ? "" : three(score.right()));
          if (told == Told.WRONG || told == Told.OTHER) {
            cells.add(score == null ? "" : three(score.stated()));
          }
        }
        table.row(cells.toArray(String[]::new));
      }
      print(table.lines());
    }
  }

  private static @Nullable FactScore find(
      List<FactScore> scores, Told told, Removed removed, Probe at, int layer) {
    return scores.stream()
        .filter(
            it ->
                it.told() == told
                    && it.removed() == removed
                    && it.at() == at
                    && it.layer() == layer)
        .findFirst()
        .orElse(null);
  }

  private static String three(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private void page(Encoder encoder, List<FactPair> used, List<FactScore> scores, int layers)
      throws IOException {
    if (html == null) {
      return;
    }
    var page = new HtmlPage("Where %s has facts from".formatted(encoder.info().card().name()));
    page.text(
        String.format(
            Locale.ROOT,
            "%d pairs; chance is %.3f. \"%s\" \"%s\"",
            used.size(),
            1.0 / used.size(),
            fact,
            probe));
    List<String> places = IntStream.rangeClosed(0, layers).mapToObj(Integer::toString).toList();
    for (Probe at : Probe.values()) {
      var names = new ArrayList<String>();
      var options = new ArrayList<JsonObject>();
      for (Removed removed : Removed.values()) {
        Map<String, double[]> lines = new LinkedHashMap<>();
        for (Told told : Told.values()) {
          line(lines, "told " + told.id() + ": true", told, removed, at, scores, layers, false);
          if (told == Told.WRONG || told == Told.OTHER) {
            line(lines, "told " + told.id() + ": stated", told, removed, at, scores, layers, true);
          }
        }
        names.add("without " + removed.id());
        options.add(Charts.lines("layer", places, "share", lines));
      }
      page.choice(
          "At the " + at.id(),
          "How often the true object is the nearest, and the one that the text states.",
          names,
          options);
    }
    page.write(html);
  }

  private static void line(
      Map<String, double[]> lines,
      String name,
      Told told,
      Removed removed,
      Probe at,
      List<FactScore> scores,
      int layers,
      boolean stated) {
    var values = new double[layers + 1];
    for (int layer = 0; layer <= layers; layer++) {
      FactScore score = find(scores, told, removed, at, layer);
      values[layer] = score == null ? Double.NaN : stated ? score.stated() : score.right();
    }
    lines.put(name, values);
  }
}
