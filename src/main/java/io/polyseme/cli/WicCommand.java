package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.encoder.Encoder;
import io.polyseme.evaluate.ContextPairs;
import io.polyseme.evaluate.ContextVectors;
import io.polyseme.evaluate.Evaluation;
import io.polyseme.evaluate.SameSenseTrial;
import io.polyseme.evaluate.Score;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.SameSense;
import io.polyseme.sense.UsageStates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
          + " words and of whole texts at every layer. Nothing but the sets' own texts stands in the"
          + " vectors and their statistics."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme evaluate wic WiC_dataset",
      "  polyseme evaluate wic MCL-WiC/dev --train MCL-WiC/training --method head --json",
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

  private record Outcome(String model, SameSense.Method method, Evaluation evaluation) {}

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
      tests.removeAll(training);
    }
    Map<String, List<ContextPairs>> byModel = new LinkedHashMap<>();
    tests.forEach(set -> byModel.computeIfAbsent(modelOf(set), _ -> new ArrayList<>()).add(set));
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
    requireScored(
        outcomes.stream().map(Outcome::evaluation).toList(), String.join(", ", byModel.keySet()));
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
      var trial =
          new SameSenseTrial(
              ContextVectors.of(encoder, UsageStates.request()),
              encoder.info().card().name(),
              encoder.info().fingerprint(),
              how,
              bars,
              terminal.cancel());
      Map<SameSense.Method, SameSense> learned =
          training.isEmpty() ? Map.of() : trial.learn(training);
      if (save != null && !learned.isEmpty()) {
        learned.get(how.getFirst()).save(save);
      } else if (save != null) {
        throw wrongUse("--save needs pairs to learn from; name them with --train");
      }
      for (ContextPairs set : tests) {
        if (learned.isEmpty()) {
          warnings.add(
              "%s has no training part: cross-validated, with %d folds"
                  .formatted(set.name(), folds));
        }
        if (crosses(set)) {
          warnings.add(
              "%s goes across languages, which %s compares only if it was trained on both; the"
                      .formatted(set.name(), name)
                  + " bundled encoders know one each");
        }
        (learned.isEmpty() ? trial.crossValidate(set, folds, seed) : trial.test(learned, set))
            .forEach((method, e) -> outcomes.add(new Outcome(name, method, e)));
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
    outcomes.forEach(outcome -> warnings.addAll(outcome.evaluation.warnings()));
    List<String> once = warnings.stream().distinct().toList();
    if (!json) {
      warn(once);
      var table = new Table();
      table.row("", "model", "method", "layers", "", "value", "95 % interval", "scored");
      for (Outcome o : outcomes) {
        for (Score s : o.evaluation.scores()) {
          table.row(
              Table.printable(s.section()),
              o.model,
              s.metric().equals(SameSenseTrial.ACCURACY) ? o.method.toString() : "",
              s.layer(),
              s.metric(),
              number(s.value()),
              number(s.low()) + " to " + number(s.high()),
              s.n() + " of " + s.total());
        }
      }
      print(table.lines());
      return;
    }
    var answers =
        new Answers("evaluate wic", path.toString())
            .of(
                "model",
                String.join(", ", outcomes.stream().map(Outcome::model).distinct().toList()));
    for (Outcome o : outcomes) {
      for (Score score : o.evaluation.scores()) {
        JsonObject result = answers.result();
        result.addProperty("model", o.model);
        if (score.metric().equals(SameSenseTrial.ACCURACY)) {
          result.addProperty("method", o.method.toString());
        }
        describe(result, score);
      }
    }
    print(answers.warn(once).toString());
  }
}
