package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.evaluate.ContextPairs;
import io.polyseme.evaluate.SameSenseScores;
import io.polyseme.evaluate.SameSenseTrial;
import io.polyseme.evaluate.Score;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.SameSense;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "wic",
    description = {
      "Whether a word has the same sense in two contexts.",
      "PATH is a file of WiC (dev.data.txt with dev.gold.txt beside it), MCL-WiC (dev.en-en.data with"
          + " dev.en-en.gold) or AM2iCo (dev.tsv), or a folder of such files, those in its folders"
          + " too. What is called train... there is learned from, and the rest is told; a set whose"
          + " model has nothing to learn from is cross-validated, the pairs of a word in one fold.",
      "Methods: threshold, the cosine of standardised hidden states against one threshold, the layers"
          + " chosen on the training part as well; and head, a logistic regression on the cosines of"
          + " words and of whole texts at every layer and on the words' vectors in the middle layers."
          + " Nothing but the texts that are learned from stands behind either: no inventory, no"
          + " labelled corpus."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme evaluate wic WiC_dataset",
      "  polyseme evaluate wic MCL-WiC/dev --train MCL-WiC/training --method head",
      "  polyseme evaluate wic WiC_dataset --method head --save same-sense.json"
    })
final class WicCommand extends EvaluateCommand.Evaluate {
  @Parameters(paramLabel = "PATH", description = "A file, or a folder of files.")
  Path path = Path.of("");

  @Option(
      names = "--train",
      paramLabel = "PATH",
      description = "What is learned from (default: what is called train... under PATH).")
  @Nullable Path train;

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "METHOD",
      description = "threshold, head, or both with a comma between (default: both).")
  List<String> methods = List.of("threshold", "head");

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "The encoder (default: by the script of each set).")
  @Nullable String model;

  @Option(
      names = "--folds",
      paramLabel = "N",
      description = "For sets without a training part (default: ${DEFAULT-VALUE}).")
  int folds = 5;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "For dealing words out to folds (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Save what was learned, for compare --same-sense; with one method.")
  @Nullable Path save;

  WicCommand(Terminal terminal) {
    super(terminal);
  }

  private record Outcome(String model, SameSenseScores scores) {}

  @Override
  void run() {
    List<SameSense.Method> how =
        methods.stream()
            .map(m -> option("--method", m, SameSense.Method.class))
            .distinct()
            .toList();
    if (folds < 2) {
      throw wrongUse("--folds must be at least 2, and is " + folds);
    }
    if (save != null && how.size() != 1) {
      throw wrongUse("--save needs one --method, threshold or head");
    }
    ContextPairs.Found found = ContextPairs.readAll(path);
    List<String> warnings = new ArrayList<>(found.notes());
    List<ContextPairs> training = new ArrayList<>();
    List<ContextPairs> tests = new ArrayList<>(found.sets());
    if (train != null) {
      ContextPairs.Found more = ContextPairs.readAll(train);
      training.addAll(more.sets());
      warnings.addAll(more.notes());
    } else if (!found.sets().stream().allMatch(ContextPairs::isTraining)) {
      training.addAll(found.sets().stream().filter(ContextPairs::isTraining).toList());
    }
    // By the pairs: under another path the same set may have another name.
    tests.removeIf(
        test -> training.stream().anyMatch(learned -> learned.pairs().equals(test.pairs())));
    if (tests.isEmpty()) {
      throw new PolysemeException(
          "%s holds nothing but what is learned from; name a PATH with pairs to tell"
              .formatted(path));
    }
    Map<String, List<ContextPairs>> byModel = new LinkedHashMap<>();
    tests.forEach(set -> byModel.computeIfAbsent(modelOf(set), _ -> new ArrayList<>()).add(set));
    if (save != null && byModel.size() > 1) {
      throw wrongUse(
          "--save needs one --model; these sets have %s"
              .formatted(String.join(" and ", byModel.keySet())));
    }
    if (save != null && training.stream().noneMatch(set -> byModel.containsKey(modelOf(set)))) {
      throw wrongUse("--save needs pairs to learn from; name them with --train");
    }
    var outcomes = new ArrayList<Outcome>();
    byModel.forEach(
        (name, sets) ->
            outcomes.addAll(
                score(
                    name,
                    training.stream().filter(set -> modelOf(set).equals(name)).toList(),
                    sets,
                    how,
                    warnings)));
    show(outcomes, warnings);
    if (outcomes.stream().allMatch(outcome -> outcome.scores.commoner().n() == 0)) {
      throw new PolysemeException(
          "nothing could be scored: no pair could be encoded by "
              + String.join(", ", byModel.keySet()));
    }
  }

  private String modelOf(ContextPairs set) {
    return model != null ? model : ModelStore.defaultFor(set.text());
  }

  private List<Outcome> score(
      String name,
      List<ContextPairs> training,
      List<ContextPairs> tests,
      List<SameSense.Method> how,
      List<String> warnings) {
    var outcomes = new ArrayList<Outcome>();
    try (Encoder encoder = Encoder.open(model(name), encoderOptions());
        Bars bars = bars()) {
      var trial = new SameSenseTrial(encoder, how, bars, terminal.cancel());
      Map<SameSense.Method, SameSense> learned = Map.of();
      if (!training.isEmpty()) {
        SameSenseTrial.Learned all = trial.learn(training);
        learned = all.methods();
        warnings.addAll(all.warnings());
      }
      if (save != null) {
        learned.get(how.getFirst()).save(save);
      }
      for (ContextPairs set : tests) {
        if (crosses(set)) {
          warnings.add(
              "%s goes across languages, which %s compares only if it was trained on both; the"
                      .formatted(set.name(), name)
                  + " bundled encoders know one each");
        }
        if (learned.isEmpty()) {
          warnings.add(
              "%s has no training part: cross-validated, with %d folds"
                  .formatted(set.name(), folds));
        }
        outcomes.add(
            new Outcome(
                name,
                learned.isEmpty()
                    ? trial.crossValidate(set, folds, seed)
                    : trial.test(learned, set)));
      }
    }
    return outcomes;
  }

  /** Whether most first texts are of another script than the second. */
  private static boolean crosses(ContextPairs set) {
    long differ =
        set.pairs().stream()
            .filter(
                pair ->
                    !ModelStore.defaultFor(pair.first().text())
                        .equals(ModelStore.defaultFor(pair.second().text())))
            .count();
    return 2 * differ > set.pairs().size();
  }

  private void show(List<Outcome> outcomes, List<String> warnings) {
    outcomes.forEach(outcome -> warnings.addAll(outcome.scores.warnings()));
    if (json) {
      var answers =
          new Answers("evaluate wic", path.toString())
              .of(
                  "model",
                  outcomes.stream()
                      .map(Outcome::model)
                      .distinct()
                      .collect(Collectors.joining(", ")));
      each(
          outcomes,
          (name, method, score) -> {
            JsonObject result = answers.result();
            result.addProperty("model", name);
            if (!method.isEmpty()) {
              result.addProperty("method", method);
            }
            describe(result, score);
          });
      print(answers.warn(warnings).toString());
      return;
    }
    warn(warnings);
    var table = new Table();
    table.row("", "model", "method", "layers", "", "value", "95 % interval", "scored");
    each(
        outcomes,
        (name, method, score) ->
            table.row(
                Table.printable(score.section()),
                name,
                method,
                score.layer(),
                score.metric(),
                number(score.value()),
                number(score.low()) + " to " + number(score.high()),
                score.n() + " of " + score.total()));
    print(table.lines());
  }

  private interface Row {
    void of(String model, String method, Score score);
  }

  private static void each(List<Outcome> outcomes, Row row) {
    for (Outcome outcome : outcomes) {
      outcome
          .scores
          .accuracy()
          .forEach((method, score) -> row.of(outcome.model, method.toString(), score));
      row.of(outcome.model, "", outcome.scores.commoner());
    }
  }
}
