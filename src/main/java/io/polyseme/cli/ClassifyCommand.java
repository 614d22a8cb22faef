package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.PolysemeException;
import io.polyseme.collection.ClassExample;
import io.polyseme.collection.ClassScore;
import io.polyseme.collection.ClassifierOptions;
import io.polyseme.collection.CrossValidation;
import io.polyseme.collection.TextClassifier;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.index.VectorIndex;
import io.polyseme.search.FilterFields;
import io.polyseme.search.IndexSearch;
import io.polyseme.vector.Filter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "classify",
    description = {
      "The class of texts, by examples; a few of each class will do.",
      "Examples are the texts of a file with a field \"class\" (.jsonl or .tsv), or the entries of the"
          + " index that have a field. What is classified are the texts that are given, or the lines"
          + " of standard input with --lines, or else the entries of the index that are no examples.",
      "How good it is is told by predicting each example from the others, and probabilities are"
          + " calibrated on that."
    },
    footer = {
      "",
      "Examples:",
      "  polyseme classify letters --examples examples.jsonl",
      "  polyseme classify letters --examples examples.tsv \"My card was charged twice.\"",
      "  polyseme classify letters --field topic --min-probability 0.8 --out classes.jsonl"
    })
final class ClassifyCommand extends CollectionAsked {
  private static final String CLASS = "class";

  @Parameters(
      index = "1..*",
      paramLabel = "TEXT",
      description = "What is classified (default: the entries of the index).")
  List<String> given = new ArrayList<>();

  @Option(
      names = "--examples",
      paramLabel = "FILE",
      description = "A .jsonl or .tsv file with the fields text and class.")
  @Nullable Path file;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description =
          "The field that is the class, of the entries of the index or in the file of --examples"
              + " (default there: class).")
  @Nullable String field;

  @Option(names = "--lines", description = "Classify the lines of standard input.")
  boolean lines;

  @Option(
      names = "--method",
      paramLabel = "M",
      description =
          "centroid, neighbours or logistic (default: the one that has the most examples right).")
  @Nullable String methodName;

  @Option(
      names = "--min-probability",
      paramLabel = "P",
      description = "What is less probable than this has no class (default: ${DEFAULT-VALUE}).")
  double minProbability;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many classified entries are shown (default: ${DEFAULT-VALUE}).")
  int top = 20;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write every entry's label, class and probability, a JSON object a line.")
  @Nullable Path out;

  /** What is classified: a label for an entry, and its vector. */
  private record Asking(String label, String text, Map<String, String> fields, float[] vector) {}

  ClassifyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  void run() throws IOException {
    atLeast("--top", top, 0);
    if (file == null && field == null) {
      throw wrongUse("what are the examples? Give --examples FILE, or --field NAME of the entries");
    }
    if (!(minProbability >= 0 && minProbability <= 1)) {
      throw wrongUse("--min-probability is from 0 to 1, and not " + minProbability);
    }
    if (lines && !given.isEmpty()) {
      throw wrongUse("--lines reads from standard input, and texts are given");
    }
    boolean own = given.isEmpty() && !lines;
    if (out != null && !own) {
      throw wrongUse("--out is for the entries of an index, and texts are given");
    }
    ClassifierOptions options = ClassifierOptions.DEFAULT.withSeed(seed);
    if (methodName != null) {
      options = options.withMethod(option("--method", methodName, ClassifierOptions.Method.class));
    }
    try (Bars bars = bars();
        IndexSearch search = new IndexSearch(open(), models(), encoderOptions(), bars)) {
      Filter filter = filter(search.index());
      List<ClassExample> examples =
          file == null ? ownExamples(search.index(), filter, field, bars) : examples(search, file);
      TextClassifier classifier =
          TextClassifier.of(examples, options, encoderOptions().threads(), bars, terminal.cancel());
      bars.clear();
      if (own) {
        entries(search.index(), filter, classifier, examples, bars);
      } else {
        texts(search, classifier, examples);
      }
    }
  }

  private List<ClassExample> examples(IndexSearch search, Path from) {
    String name = field == null ? CLASS : field;
    var texts = new ArrayList<String>();
    var classes = new ArrayList<String>();
    try (CorpusReader reader = CorpusReader.open(from, CorpusOptions.DEFAULT.withFields(true))) {
      while (reader.hasNext()) {
        CorpusText text = reader.next();
        String of = text.fields().get(name);
        if (!text.readable() || of == null) {
          throw new PolysemeException(
              "%s, line %d: %s"
                  .formatted(
                      from,
                      text.line(),
                      text.readable()
                          ? "it has no field \"%s\"; it has %s, and --field names another"
                              .formatted(name, text.fields().keySet())
                          : text.problem()));
        }
        texts.add(text.text());
        classes.add(of);
      }
    }
    List<float[]> vectors = search.vectors(texts, terminal.cancel());
    var examples = new ArrayList<ClassExample>();
    for (int i = 0; i < vectors.size(); i++) {
      examples.add(new ClassExample(vectors.get(i), classes.get(i)));
    }
    return examples;
  }

  private List<ClassExample> ownExamples(
      VectorIndex index, Filter filter, String field, Bars bars) {
    new FilterFields(index).require(field);
    var examples = new ArrayList<ClassExample>();
    forEach(
        index,
        filter,
        bars,
        entry -> {
          String of = entry.fields().get(field);
          if (of != null) {
            examples.add(new ClassExample(entry.vector(), of));
          }
        });
    return examples;
  }

  private interface Taker {
    void take(VectorIndex.Entry entry);
  }

  private void forEach(VectorIndex index, Filter filter, Bars bars, Taker taker) {
    long size = index.count(filter);
    long seen = 0;
    try (Stream<VectorIndex.Entry> all = index.entries(filter)) {
      Iterator<VectorIndex.Entry> entries = all.iterator();
      while (entries.hasNext()) {
        if (seen++ % 256 == 0) {
          terminal.cancel().check();
          bars.update("reading the index", seen, size);
        }
        taker.take(entries.next());
      }
    }
    bars.update("reading the index", size, size);
  }

  private void texts(IndexSearch search, TextClassifier classifier, List<ClassExample> examples)
      throws IOException {
    var answers = answers(classifier, examples);
    if (!json) {
      print(heading(classifier, examples));
      print("");
    }
    var texts = new ArrayList<>(given);
    if (lines) {
      try (BufferedReader reader = input("a text a line")) {
        reader.lines().filter(line -> !line.isBlank()).forEach(texts::add);
      }
    }
    List<float[]> vectors = search.vectors(texts, terminal.cancel());
    var table = new Table();
    for (int i = 0; i < texts.size(); i++) {
      var asking = new Asking(texts.get(i), texts.get(i), Map.of(), vectors.get(i));
      List<ClassScore> scores = classifier.predict(asking.vector);
      if (json) {
        describe(answers.result(), i + 1, asking, scores);
      } else {
        row(table, asking, scores);
      }
    }
    print(json ? List.of(answers.toString()) : table.lines());
  }

  private void entries(
      VectorIndex index,
      Filter filter,
      TextClassifier classifier,
      List<ClassExample> examples,
      Bars bars)
      throws IOException {
    var answers = answers(classifier, examples);
    var table = new Table();
    Map<String, Integer> counts = new TreeMap<>();
    var shown = new int[1];
    Written all =
        writer ->
            forEach(
                index,
                filter,
                bars,
                entry -> {
                  if (file == null && entry.fields().containsKey(field)) {
                    return; // an example
                  }
                  var asking =
                      new Asking(
                          entry.label(),
                          entry.fields().getOrDefault("text", entry.label()),
                          entry.fields(),
                          entry.vector());
                  List<ClassScore> scores = classifier.predict(asking.vector);
                  counts.merge(className(scores), 1, Integer::sum);
                  var result = new JsonObject();
                  if (shown[0]++ < top) {
                    describe(json ? answers.result() : result, shown[0], asking, scores);
                    row(table, asking, scores);
                  }
                  if (out != null) {
                    var line = new JsonObject();
                    line.addProperty("label", asking.label);
                    line.addProperty(CLASS, className(scores));
                    line.addProperty("score", scores.getFirst().probability());
                    try {
                      writer.write(Answers.line(line));
                      writer.write('\n');
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }
                });
    if (out == null) {
      all.to(Writer.nullWriter());
    } else {
      write(out, all);
    }
    bars.clear();
    if (json) {
      var classes = new JsonObject();
      counts.forEach(classes::addProperty);
      print(answers.with("classes", classes).toString());
      return;
    }
    print(heading(classifier, examples));
    if (shown[0] == 0) {
      print("every entry is an example; there is nothing to classify");
      return;
    }
    print(
        "classified: "
            + counts.entrySet().stream()
                .map(
                    it ->
                        String.format(
                            Locale.ROOT,
                            "%s %,d",
                            it.getKey().isEmpty() ? "(unsure)" : Table.printable(it.getKey()),
                            it.getValue()))
                .collect(Collectors.joining(", ")));
    print("");
    print(table.lines());
    if (shown[0] > top) {
      print(
          String.format(
              Locale.ROOT, "and %,d more; --top shows them, --out writes all", shown[0] - top));
    }
  }

  /** The likeliest class; empty where that is not likely enough. */
  private String className(List<ClassScore> scores) {
    ClassScore best = scores.getFirst();
    return best.probability() >= minProbability ? best.className() : "";
  }

  private void row(Table table, Asking asking, List<ClassScore> scores) {
    String name = className(scores);
    table.row(
        String.format(Locale.ROOT, "%.2f", scores.getFirst().probability()),
        name.isEmpty() ? "?" : Table.printable(name),
        Table.shortened(asking.text, 90));
  }

  private void describe(JsonObject result, int rank, Asking asking, List<ClassScore> scores) {
    String name = className(scores);
    result.addProperty("rank", rank);
    result.addProperty("label", asking.label);
    result.addProperty("score", scores.getFirst().probability());
    if (!name.isEmpty()) {
      result.addProperty(CLASS, name);
    }
    result.addProperty("text", asking.text);
    var all = new JsonArray();
    for (ClassScore it : scores) {
      var one = new JsonObject();
      one.addProperty(CLASS, it.className());
      one.addProperty("score", it.probability());
      all.add(one);
    }
    result.add("classes", all);
    var fields = new JsonObject();
    asking.fields.forEach(fields::addProperty);
    result.add("fields", fields);
  }

  private Answers answers(TextClassifier classifier, List<ClassExample> examples) {
    CrossValidation validation = classifier.validation();
    var whole = new JsonObject();
    whole.addProperty("examples", examples.size());
    whole.addProperty("classes", classifier.classes().size());
    whole.addProperty("method", validation.method().name().toLowerCase(Locale.ROOT));
    whole.addProperty("accuracy", validation.accuracy());
    whole.addProperty("macroF1", validation.macroF1());
    whole.addProperty("calibrationError", validation.calibrationError());
    whole.addProperty("folds", validation.folds());
    return new Answers("classify", String.join("\n", given))
        .of("index", index)
        .with("classifier", whole);
  }

  private static String heading(TextClassifier classifier, List<ClassExample> examples) {
    CrossValidation validation = classifier.validation();
    return String.format(
        Locale.ROOT,
        "%,d examples of %d classes; by %s: accuracy %.3f, macro F1 %.3f, calibration error %.3f"
            + " (held out, %d folds)",
        examples.size(),
        classifier.classes().size(),
        validation.method().name().toLowerCase(Locale.ROOT),
        validation.accuracy(),
        validation.macroF1(),
        validation.calibrationError(),
        validation.folds());
  }
}
