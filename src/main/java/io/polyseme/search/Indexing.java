package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.PiecePooling;
import io.polyseme.encoder.Role;
import io.polyseme.encoder.Words;
import io.polyseme.index.BuildOptions;
import io.polyseme.index.IndexBuilder;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.model.Pooling;
import io.polyseme.sense.LabelledCorpus;
import io.polyseme.sense.SenseIndex;
import io.polyseme.sense.SenseInventory;
import io.polyseme.train.WordSpaces;
import io.polyseme.vector.Maker;
import io.polyseme.words.WordVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs recipes: reads the source, encodes what is new, and builds the index. Sources are
 *
 * <ul>
 *   <li>{@code wordnet-glosses}: every definition of WordNet 3.0, or with {@code
 *       :noun.animal,verb.motion} those of some of its parts; fields {@code text}, {@code lemmas},
 *       {@code pos}, {@code topic};
 *   <li>{@code documents}: the documents of files, folders and globs ({@link
 *       io.polyseme.document.DocumentReader}), cut into chunks by headings, paragraphs and
 *       sentences; a document of one chunk has its id as the label, of several each is {@code
 *       id#1}, {@code id#2}; fields {@code text}, {@code document}, {@code section}, {@code page},
 *       {@code chunk} (from 1), {@code start} and {@code end} (in the document's text, in UTF-16
 *       units), {@code title}, {@code author}, {@code date}, {@code modified}, {@code type}, of
 *       rows {@code file} and {@code line}, and whatever else a document says of itself;
 *   <li>{@code lines}: each text of a file, or of all files below a folder, is a passage: a line of
 *       a {@code .txt} file, an object of a {@code .jsonl}, a row of a {@code .tsv}, packed or not;
 *       fields {@code text}, {@code document}, {@code line}, and whatever fields the file has
 *       beside the text (under {@code own.NAME} where the name is one of the index's own);
 *   <li>{@code usages}: each word of each such text where it stands in its sentence, or with {@code
 *       :bank,spring} only these, in whatever form; fields as {@code lines}, {@code text} being the
 *       sentence, and {@code word}, {@code start}, {@code end}, {@code lemma}, and in English
 *       {@code pos}: see {@link io.polyseme.sense.Analyser#sentences};
 *   <li>{@code senses}, {@code senses:INVENTORY}: the ambiguous senses of WordNet 3.0 or of another
 *       inventory, with usages labelled in a corpus where one is given (see {@link SenseIndex});
 *   <li>{@code words:SPACE}: the vectors of a word space as they are.
 * </ul>
 */
public final class Indexing {
  /** The source of a person's own documents. */
  public static final String DOCUMENTS = "documents";

  private static final String WORDS = "words:";
  private static final String GLOSSES = "wordnet-glosses";
  private static final String USAGES = "usages";
  private static final String SENSES = "senses";

  /** The fields whose words can be searched for, of an index of texts. */
  static final List<String> FULL_TEXT = List.of("title", "text", "lemmas");

  /** How much of a corpus is looked at to know its script and language, in characters. */
  static final int SAMPLE = 20_000;

  private final ModelStore models;
  private final WordSpaces spaces;
  private final EncoderOptions options;

  /**
   * @param models where encoders are found
   * @param spaces where word spaces are found
   * @param options how encoders are run
   */
  public Indexing(ModelStore models, WordSpaces spaces, EncoderOptions options) {
    this.models = models;
    this.spaces = spaces;
    this.options = options;
  }

  /**
   * Builds an index of documents, or of whatever else the recipe says, or brings it up to date.
   *
   * @param from files, folders, globs and {@code -} for the standard input; only the source {@code
   *     documents} reads more than one; empty for a source that has its own
   * @throws PolysemeException if the recipe cannot be run, the index cannot be written, or no
   *     document can be read
   */
  public BuildReport build(
      Path folder,
      Recipe recipe,
      List<String> from,
      IndexingOptions indexing,
      Progress progress,
      Cancel cancel) {
    if (recipe.source().equals(DOCUMENTS)) {
      if (from.isEmpty()) {
        throw new IllegalArgumentException(
            "the source \"documents\" needs a file or folder to read");
      }
      return new DocumentIndexing(models, options, folder, recipe, from, indexing)
          .build(progress, cancel);
    }
    if (from.size() > 1) {
      throw new IllegalArgumentException(
          "the source \"%s\" reads one file or folder, and there are %d"
              .formatted(recipe.source(), from.size()));
    }
    if (indexing.add() || indexing.skipDuplicates()) {
      throw new IllegalArgumentException(
          "only documents are added to what is there, or looked through for duplicates");
    }
    return build(
        folder, recipe, from.isEmpty() ? null : Path.of(from.getFirst()), progress, cancel);
  }

  /**
   * Builds an index, or brings it up to date: texts that it has already are taken over where model
   * and recipe are the same. The index that was there stays in use until the new one is whole.
   *
   * @param from the file or folder to read; null for a source that has its own
   * @throws PolysemeException if the recipe cannot be run or the index cannot be written
   */
  public BuildReport build(
      Path folder, Recipe recipe, @Nullable Path from, Progress progress, Cancel cancel) {
    if (recipe.source().equals(DOCUMENTS)) {
      List<String> places = from == null ? List.of() : List.of(from.toString());
      return build(folder, recipe, places, IndexingOptions.DEFAULT, progress, cancel);
    }
    if (isOfWords(recipe)) {
      return buildOfWords(folder, recipe, progress, cancel);
    }
    if (isOfSenses(recipe)) {
      return buildOfSenses(folder, recipe, from, progress, cancel);
    }
    String[] source = recipe.source().split(":", 2);
    boolean own = source[0].equals(GLOSSES);
    boolean usages = source[0].equals(USAGES);
    if (!Source.NAMES.contains(source[0]) || source.length > 1 && !own && !usages) {
      throw new PolysemeException(
          "the recipe's source \"%s\" is not known; there are documents, %s, senses and words:SPACE"
              .formatted(recipe.source(), String.join(", ", Source.NAMES)));
    }
    if (!own && from == null) {
      throw new IllegalArgumentException(
          "the source \"%s\" needs a file or folder to read".formatted(recipe.source()));
    }
    Set<String> chosen = chosen(source);
    if (recipe.lemmatise() && (!usages || chosen.isEmpty())) {
      throw new IllegalArgumentException(
          "only chosen usages are lemmatised (usages:bank,spring): each is then a text of its own");
    }
    CorpusOptions reading = reading(recipe);
    String sample = own || from == null ? "" : Source.sample(from, reading, SAMPLE);
    String model = recipe.model().isEmpty() ? ModelStore.defaultFor(sample) : recipe.model();
    long start = System.nanoTime();
    try (Encoder encoder = Encoder.open(models.open(model, progress, cancel), options);
        Language language = usages ? Language.of(sample, encoder) : Language.NONE) {
      UsageCutter cutter =
          usages ? new UsageCutter(language.analyser(), chosen, recipe.lemmatise()) : null;
      EncodeRequest request = request(recipe);
      Maker maker =
          encoder.maker(
              request, request.sentence() ? Encoder.Target.SENTENCE : Encoder.Target.WORD);
      try (Source entries =
              own
                  ? Source.wordNet(chosen)
                  : cutter == null
                      ? Source.lines(from, reading)
                      : Source.usages(from, reading, cutter);
          IndexBuilder builder =
              VectorIndex.builder(
                  folder,
                  recipe,
                  maker,
                  usages ? BuildOptions.DEFAULT : BuildOptions.DEFAULT.withFullText(FULL_TEXT))) {
        var run = new EncodingRun(entries, builder, progress, cancel);
        encoder.encodeAll(run, request, run::take, cancel);
        if (cutter != null && cutter.foundNothing()) {
          throw new PolysemeException(
              "none of the chosen words is in %s: %s".formatted(from, String.join(", ", chosen)));
        }
        double encoded = seconds(start);
        IndexBuilder.Summary summary = builder.commit(progress, cancel);
        return new BuildReport(
            summary,
            run.texts(),
            run.failed(),
            run.warnings(),
            encoded,
            seconds(start),
            size(folder));
      }
    }
  }

  /**
   * Makes the vectors of an index of texts anew, with another model, out of the texts that the
   * index holds; its source need not be there. The old vectors answer until all the new ones are
   * made, and are then replaced at once.
   *
   * @throws PolysemeException if it is no index of texts, or cannot be read or written
   */
  public BuildReport reembed(Path folder, String model, Progress progress, Cancel cancel) {
    long start = System.nanoTime();
    try (VectorIndex index = VectorIndex.open(folder);
        Encoder encoder = Encoder.open(models.open(model, progress, cancel), options)) {
      if (index.fullText().isEmpty()) {
        throw new PolysemeException(
            "the index %s is of %s, and only passages of texts can be embedded again; build it again"
                .formatted(folder, index.recipe().source()));
      }
      if (index.recipe().texts().late()) {
        throw new PolysemeException(
            "the vectors of the index %s are made of whole documents, which it does not hold; build it again with --model %s"
                .formatted(folder, model));
      }
      Recipe recipe = index.recipe().withModel(model);
      EncodeRequest request = request(recipe);
      BuildOptions building = BuildOptions.DEFAULT.withFullText(index.fullText());
      Maker maker = encoder.maker(request, Encoder.Target.SENTENCE);
      try (IndexBuilder builder = VectorIndex.builder(folder, recipe, maker, building)) {
        if (index.refresh()) {
          throw new PolysemeException(
              "the index %s was changed by another process just now; begin again"
                  .formatted(folder));
        }
        var run = new EncodingRun(new StoredTexts(index), builder, progress, cancel);
        encoder.encodeAll(run, request, run::take, cancel);
        if (run.failed() > 0) {
          throw new PolysemeException(
              "%,d texts cannot be encoded by %s, and the index %s is as it was: %s"
                  .formatted(run.failed(), model, folder, String.join("; ", run.warnings())));
        }
        double encoded = seconds(start);
        IndexBuilder.Summary summary = builder.commit(progress, cancel);
        return new BuildReport(
            summary,
            run.texts(),
            run.failed(),
            run.warnings(),
            encoded,
            seconds(start),
            size(folder));
      }
    }
  }

  /** What stands behind the colon of a source. */
  private static Set<String> chosen(String[] source) {
    var chosen = new LinkedHashSet<String>();
    for (String part : source.length > 1 ? source[1].split(",") : new String[0]) {
      if (!part.isBlank()) {
        chosen.add(part.strip());
      }
    }
    if (source.length > 1 && chosen.isEmpty()) {
      throw new PolysemeException(
          "the recipe's source \"%s:\" says nothing behind its colon".formatted(source[0]));
    }
    return chosen;
  }

  private static CorpusOptions reading(Recipe recipe) {
    CorpusOptions reading = CorpusOptions.DEFAULT;
    if (!recipe.text().isEmpty()) {
      reading = reading.withTextField(recipe.text());
    }
    return recipe.label().isEmpty() ? reading : reading.withIdField(recipe.label());
  }

  private BuildReport buildOfWords(Path folder, Recipe recipe, Progress progress, Cancel cancel) {
    long start = System.nanoTime();
    String name = recipe.source().substring(WORDS.length());
    try (WordVectors words = spaces.open(name, progress, cancel)) {
      return buildOf(words, folder, recipe, start, progress, cancel);
    }
  }

  private BuildReport buildOfSenses(
      Path folder, Recipe recipe, @Nullable Path from, Progress progress, Cancel cancel) {
    long start = System.nanoTime();
    if (!recipe.layer().isEmpty() || !recipe.pooling().isEmpty() || !recipe.role().isEmpty()) {
      throw new IllegalArgumentException(
          "an index of senses chooses layers, pooling and roles by itself");
    }
    String name =
        recipe.source().equals(SENSES) ? "" : recipe.source().substring(SENSES.length() + 1);
    List<LabelledCorpus> corpora = from == null ? List.of() : List.of(LabelledCorpus.read(from));
    try (SenseInventory inventory = SenseInventory.open(name)) {
      String model =
          recipe.model().isEmpty()
              ? ModelStore.defaultFor(
                  inventory.lemmas().limit(SAMPLE / 10).collect(Collectors.joining(" ")))
              : recipe.model();
      try (Encoder encoder = Encoder.open(models.open(model, progress, cancel), options)) {
        SenseIndex.Report report =
            SenseIndex.build(folder, recipe, inventory, encoder, corpora, progress, cancel);
        double encoded = seconds(start);
        return new BuildReport(
            report.index(),
            report.usages() + report.examples() + report.glosses(),
            0,
            report.unknown() == 0
                ? List.of()
                : List.of(
                    "%,d labels of %s are unknown to the inventory %s and left out"
                        .formatted(report.unknown(), from, inventory.name())),
            encoded,
            seconds(start),
            size(folder));
      }
    }
  }

  private static boolean isOfSenses(Recipe recipe) {
    return recipe.source().equals(SENSES) || recipe.source().startsWith(SENSES + ":");
  }

  static BuildReport buildOf(
      WordVectors words, Path folder, Recipe recipe, long start, Progress progress, Cancel cancel) {
    long total = words.info().size();
    try (IndexBuilder builder = VectorIndex.builder(folder, recipe, words.info().maker())) {
      var done = new long[1];
      words.forEach(
          (word, vector) -> {
            if (done[0]++ % 256 == 0) {
              cancel.check();
              progress.update("indexing", done[0], total);
            }
            if (!isZero(vector)) { // which has no direction, and so no neighbours
              builder.add(word, vector, Map.of());
            }
          });
      double read = seconds(start);
      IndexBuilder.Summary summary = builder.commit(progress, cancel);
      return new BuildReport(summary, total, 0, List.of(), read, seconds(start), size(folder));
    }
  }

  /** Whether the entries are words of a word space rather than encoded texts. */
  static boolean isOfWords(Recipe recipe) {
    return recipe.source().startsWith(WORDS);
  }

  /** Whether the entries are words in their contexts. */
  static boolean isOfUsages(Recipe recipe) {
    return recipe.source().equals(USAGES) || recipe.source().startsWith(USAGES + ":");
  }

  private static boolean isZero(float[] vector) {
    for (float x : vector) {
      if (x != 0) {
        return false;
      }
    }
    return true;
  }

  /** What a recipe asks of the encoder for each text. */
  static EncodeRequest request(Recipe recipe) {
    boolean usages = isOfUsages(recipe);
    EncodeRequest request =
        usages
            ? EncodeRequest.ofWords().withWords(Words.GIVEN)
            : EncodeRequest.ofSentences().withRole(Role.PASSAGE);
    if (!recipe.layer().isEmpty()) {
      request = request.withLayers(Layers.parse(recipe.layer()));
    }
    if (!recipe.role().isEmpty()) {
      request = request.withRole(constant(Role.class, "role", recipe.role()));
    }
    if (!recipe.pooling().isEmpty()) {
      request =
          usages
              ? request.withPiecePooling(constant(PiecePooling.class, "pooling", recipe.pooling()))
              : request.withSentencePooling(constant(Pooling.class, "pooling", recipe.pooling()));
    }
    return request;
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String key, String value) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(value)) {
        return constant;
      }
    }
    throw new PolysemeException(
        "the recipe's %s \"%s\" is not one of %s"
            .formatted(
                key,
                value,
                Stream.of(type.getEnumConstants())
                    .map(e -> e.name().toLowerCase(Locale.ROOT))
                    .toList()));
  }

  static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  static long size(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      long size = 0;
      for (Path file : files.toList()) {
        size += Files.size(file);
      }
      return size;
    } catch (IOException e) {
      throw new PolysemeException("cannot read the index " + folder + ": " + e.getMessage(), e);
    }
  }
}
