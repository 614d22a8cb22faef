package io.polyseme.cli;

import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.evaluate.Evaluation;
import io.polyseme.evaluate.Score;
import io.polyseme.evaluate.SenseLabels;
import io.polyseme.model.ModelStore;
import io.polyseme.sense.LabelledCorpus;
import io.polyseme.sense.RankedSense;
import io.polyseme.sense.SenseExperiment;
import io.polyseme.sense.SenseInventory;
import io.polyseme.sense.SenseMethod;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "wsd",
    description = {
      "Word sense disambiguation of all words: F1 by part of speech, beside the most frequent sense.",
      "PATH is a NAME.data.xml of the unified evaluation framework with its NAME.gold.key.txt, a file"
          + " of SemCor, or a folder with such files.",
      "Without more, senses are told by what the inventory says of them (glosses, examples, and with"
          + " 'combined' the frequency it counted); with --labelled they are learned from other texts;"
          + " with --folds from PATH itself, each part of its documents told by the others.",
      "Each word is encoded with its sentence and the sentences beside it, 64 words together."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme evaluate wsd semcor --folds 5",
      "  polyseme evaluate wsd semeval2007 --labelled semcor --model bge-small-en-v1.5",
      "  polyseme evaluate wsd semeval2007 --method context,lesk"
    })
final class WsdCommand extends EvaluateCommand.Evaluate {
  private static final int RESAMPLES = 1000;

  @Parameters(paramLabel = "PATH", description = "The texts that are told.")
  Path path = Path.of("");

  @Option(
      names = "--labelled",
      paramLabel = "PATH",
      description = "Texts with labelled senses to learn from, as PATH itself.")
  @Nullable Path labelled;

  @Option(
      names = "--folds",
      paramLabel = "N",
      description = "Learn from PATH: its documents in N parts, each told by the others.")
  @Nullable Integer folds;

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      split = ",",
      description =
          "combined, context (without frequencies), usages, glosses, frequency, lesk, several with"
              + " commas between, or all (default: combined, context, usages and glosses; frequency,"
              + " the floor, comes with each).")
  List<String> methods = List.of("combined", "context", "usages", "glosses");

  @Option(
      names = "--inventory",
      paramLabel = "INVENTORY",
      description = "The inventory whose ids the labels are (default: ${DEFAULT-VALUE}).")
  String inventory = "wordnet-3.0";

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "The encoder (default: by the script of the texts).")
  @Nullable String model;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "For the intervals, by bootstrap (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  WsdCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() {
    if (folds != null && labelled != null) {
      throw wrongUse("--folds learns from PATH itself, and --labelled from other texts");
    }
    if (folds != null && folds < 2) {
      throw wrongUse("--folds must be at least 2, and is " + folds);
    }
    List<SenseMethod> how =
        methods.equals(List.of("all"))
            ? List.of(SenseMethod.values())
            : Stream.concat(
                    methods.stream().map(m -> option("--method", m, SenseMethod.class)),
                    Stream.of(SenseMethod.FREQUENCY))
                .distinct()
                .toList();
    LabelledCorpus corpus = LabelledCorpus.read(path);
    if (folds != null && corpus.documents().size() < folds) {
      throw new PolysemeException(
          "%s has %d documents, which cannot be parted into %d folds"
              .formatted(path, corpus.documents().size(), folds));
    }
    List<LabelledCorpus> train =
        labelled == null ? List.of() : List.of(LabelledCorpus.read(labelled));
    String name = model != null ? model : ModelStore.defaultFor(corpus.texts().getFirst().text());
    List<SenseExperiment.Answer> answers;
    try (SenseInventory senses = SenseInventory.open(inventory);
        Encoder encoder = Encoder.open(model(name), encoderOptions());
        Bars bars = bars()) {
      var experiment = new SenseExperiment(senses, encoder, how, bars, terminal.cancel());
      answers =
          folds == null ? experiment.test(train, corpus) : experiment.crossValidate(corpus, folds);
    }
    if (answers.isEmpty()) {
      throw new PolysemeException(
          "no label of %s is a sense of the inventory %s".formatted(path, inventory));
    }
    int left = corpus.size() - answers.size();
    show(
        name,
        scores(answers, how),
        left == 0
            ? List.of()
            : List.of(
                "%,d of %,d labelled words have no sense of %s and are left out"
                    .formatted(left, corpus.size(), inventory)));
  }

  private Map<SenseMethod, Evaluation> scores(
      List<SenseExperiment.Answer> answers, List<SenseMethod> how) {
    List<SenseLabels.Item> floor = items(answers, SenseMethod.FREQUENCY);
    Map<SenseMethod, Evaluation> scores = new EnumMap<>(SenseMethod.class);
    for (SenseMethod method : how) {
      scores.put(
          method,
          SenseLabels.score(
              items(answers, method),
              method == SenseMethod.FREQUENCY ? List.of() : floor,
              RESAMPLES,
              seed));
    }
    return scores;
  }

  private static List<SenseLabels.Item> items(
      List<SenseExperiment.Answer> answers, SenseMethod method) {
    return answers.stream()
        .map(
            answer -> {
              RankedSense best = answer.answers().get(method);
              return new SenseLabels.Item(
                  answer.word().pos(),
                  answer.gold(),
                  best.sense().id(),
                  method == SenseMethod.COMBINED ? best.probability() : Double.NaN);
            })
        .toList();
  }

  private void show(String name, Map<SenseMethod, Evaluation> scores, List<String> warnings) {
    if (json) {
      var answers = new Answers("evaluate wsd", path.toString()).of("model", name);
      scores.forEach(
          (method, evaluation) -> {
            for (Score score : evaluation.scores()) {
              JsonObject result = answers.result();
              result.addProperty("method", method.toString());
              describe(result, score);
            }
          });
      print(answers.warn(warnings).toString());
      return;
    }
    warn(warnings);
    print("model " + name);
    var table = new Table();
    table.row("", "", "", "value", "95 % interval", "answered");
    scores.forEach(
        (method, evaluation) -> {
          for (Score s : evaluation.scores()) {
            table.row(
                method.toString(),
                s.section(),
                s.metric(),
                number(s.value()),
                number(s.low()) + " to " + number(s.high()),
                s.n() + " of " + s.total());
          }
        });
    print(table.lines());
  }
}
