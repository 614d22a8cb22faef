package io.polyseme.sense;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.TextInput;
import io.polyseme.index.IndexBuilder;
import io.polyseme.index.Recipe;
import io.polyseme.index.VectorIndex;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The vectors of an inventory's ambiguous senses in a Lucene index: for each sense the mean of its
 * usages (labelled by a corpus, or the inventory's examples) and that of its gloss, in one space.
 * Where a corpus with labels was given, the space was learned from it. The index knows its
 * inventory and its model. Thread-safe; closes the Lucene index.
 */
public final class SenseIndex implements AutoCloseable {
  private static final String SPACE = "usage space";
  private static final String SENSES = "senses";
  private static final String GLOSS = " gloss";
  private static final int BLOCK_WORDS = 64;

  private final VectorIndex index;
  private final UsageSpace space;
  private final SenseWeights weights;
  private final String inventory;
  private final String fingerprint;

  /**
   * What a build came to.
   *
   * @param senses how many senses have a vector
   * @param usages how many usages of labelled corpora were learned from
   * @param unknown how many of their labels the inventory does not know
   * @param examples how many of the inventory's examples have the word in them
   * @param glosses how many senses have a gloss
   */
  public record Report(
      IndexBuilder.Summary index,
      long senses,
      long usages,
      long unknown,
      long examples,
      long glosses) {}

  private SenseIndex(VectorIndex index) {
    this.index = index;
    this.space =
        UsageSpace.fromBytes(
            index
                .attachment(SPACE)
                .orElseThrow(
                    () ->
                        new PolysemeException(
                            "the index %s is not one of senses; make one by index build NAME --source senses"
                                .formatted(index.info().name()))));
    try {
      JsonObject about =
          JsonParser.parseString(
                  new String(index.attachment(SENSES).orElseThrow(), StandardCharsets.UTF_8))
              .getAsJsonObject();
      this.inventory = about.get("inventory").getAsString();
      this.fingerprint = about.get("fingerprint").getAsString();
      this.weights =
          new SenseWeights(
              about.get("usage").getAsDouble(),
              about.get("shrinkage").getAsDouble(),
              about.get("gloss").getAsDouble(),
              about.get("prior").getAsDouble(),
              about.get("smoothing").getAsDouble(),
              numbers(about, "temperatures"),
              new Confidence(numbers(about, "told"), numbers(about, "right")));
    } catch (JsonParseException
        | IllegalStateException
        | IllegalArgumentException
        | NullPointerException
        | java.util.NoSuchElementException e) {
      throw new PolysemeException(
          "the index %s does not say what its senses are; build it again"
              .formatted(index.info().name()),
          e);
    }
  }

  /**
   * Opens an index of senses.
   *
   * @param index closed with this, and if this is no index of senses
   * @throws PolysemeException if it is not one
   */
  public static SenseIndex of(VectorIndex index) {
    try {
      return new SenseIndex(index);
    } catch (RuntimeException e) {
      index.close();
      throw e;
    }
  }

  /** The inventory's name. */
  public String inventory() {
    return inventory;
  }

  /** The index that the vectors are in. */
  public VectorIndex index() {
    return index;
  }

  SenseVectors vectors(SenseInventory asked, Encoder encoder) {
    if (!asked.name().equals(inventory) || !asked.fingerprint().equals(fingerprint)) {
      throw new PolysemeException(
          "the index %s is of the senses of %s, and not of this %s; build it again"
              .formatted(index.info().name(), inventory, asked.name()));
    }
    String model = index.info().maker().fingerprint();
    if (!encoder.info().fingerprint().equals(model)) {
      throw new PolysemeException(
          "the index %s was made by the model %s (SHA-256 %.12s...), and not by this %s (%.12s...); build it again"
              .formatted(
                  index.info().name(),
                  index.info().maker().model(),
                  model,
                  encoder.info().card().name(),
                  encoder.info().fingerprint()));
    }
    return new Vectors();
  }

  @Override
  public void close() {
    index.close();
  }

  /** Reads from the index, and remembers. */
  private final class Vectors implements SenseVectors {
    private static final int REMEMBERED = 50_000;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    @Override
    public UsageSpace space() {
      return space;
    }

    @Override
    public SenseWeights weights() {
      return weights;
    }

    @Override
    public void prepare(Collection<Sense> senses, Cancel cancel) {
      if (known.size() > REMEMBERED) {
        known.clear();
      }
    }

    @Override
    public Known of(Sense sense) {
      Known of = known.get(sense.id());
      if (of == null) {
        Map<String, String> fields = index.fields(sense.id()).orElse(Map.of());
        Optional<float[]> usage = index.vector(sense.id());
        Optional<float[]> gloss = index.vector(sense.id() + GLOSS);
        of =
            Known.of(
                usage.orElse(null),
                Integer.parseInt(fields.getOrDefault("corpus", "0")),
                Integer.parseInt(fields.getOrDefault("examples", "0")),
                gloss.orElse(null));
        known.put(sense.id(), of);
      }
      return of;
    }
  }

  /**
   * Builds an index of all senses that share their lemma with another.
   *
   * @param corpora with labelled senses, often none
   * @throws PolysemeException if the index cannot be written, or the inventory has no ambiguous
   *     word
   */
  public static Report build(
      Path folder,
      Recipe recipe,
      SenseInventory inventory,
      Encoder encoder,
      List<LabelledCorpus> corpora,
      Progress progress,
      Cancel cancel) {
    UsageSpace base = SenseTexts.standardised(inventory, encoder, cancel);
    var table = new UsageTable(base.dimension());
    long unknown = 0;
    for (LabelledCorpus corpus : corpora) {
      unknown += encode(corpus, inventory, encoder, base, table, progress, cancel);
    }
    Collection<Sense> senses = SenseTexts.ambiguous(inventory);
    if (senses.isEmpty()) {
      throw new PolysemeException(
          "the inventory %s has no word with more than one sense".formatted(inventory.name()));
    }
    Map<String, GatheredSense> texts =
        SenseTexts.gather(senses, base, inventory, encoder, progress, cancel);
    LearnedVectors learned =
        table.size() == 0
            ? SenseLearner.ofTexts(base, texts, Map.of())
            : new SenseLearner(inventory, base, table, texts, progress, cancel).learn(table.rows());
    UsageSpace space = learned.space();
    try (IndexBuilder builder =
        VectorIndex.builder(
            folder, recipe, encoder.maker(Disambiguator.request(space), Encoder.Target.WORD))) {
      builder.attach(SPACE, space.toBytes());
      builder.attach(SENSES, about(inventory, learned.weights()));
      long examples = 0;
      long glosses = 0;
      for (Sense sense : senses) {
        SenseVectors.Known known = learned.of(sense);
        write(sense, known, builder);
        examples += known.examples();
        glosses += known.gloss() == null ? 0 : 1;
      }
      IndexBuilder.Summary summary = builder.commit(progress, cancel);
      return new Report(summary, senses.size(), table.size(), unknown, examples, glosses);
    }
  }

  private static byte[] about(SenseInventory inventory, SenseWeights weights) {
    var about = new JsonObject();
    about.addProperty("inventory", inventory.name());
    about.addProperty("fingerprint", inventory.fingerprint());
    about.addProperty("usage", weights.usage());
    about.addProperty("shrinkage", weights.shrinkage());
    about.addProperty("gloss", weights.gloss());
    about.addProperty("prior", weights.prior());
    about.addProperty("smoothing", weights.smoothing());
    about.add("temperatures", array(weights.temperatures()));
    about.add("told", array(weights.confidence().told()));
    about.add("right", array(weights.confidence().right()));
    return about.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static JsonArray array(List<Double> numbers) {
    var array = new JsonArray();
    numbers.forEach(array::add);
    return array;
  }

  private static List<Double> numbers(JsonObject object, String name) {
    return object.getAsJsonArray(name).asList().stream().map(JsonElement::getAsDouble).toList();
  }

  private static void write(Sense sense, SenseVectors.Known known, IndexBuilder builder) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("text", sense.gloss());
    fields.put("lemma", sense.lemma());
    if (sense.pos() != null) {
      fields.put("pos", sense.pos().toString());
    }
    fields.put("corpus", Integer.toString(known.corpus()));
    fields.put("examples", Integer.toString(known.examples()));
    if (known.usage() != null) {
      builder.add(sense.id(), known.usage(), fields);
    }
    if (known.gloss() != null) {
      builder.add(sense.id() + GLOSS, known.gloss(), fields);
    }
  }

  /**
   * Encodes the labelled words of a corpus into a table, by the inventory's own ids.
   *
   * @return how many words have no label that the inventory knows
   */
  static long encode(
      LabelledCorpus corpus,
      SenseInventory inventory,
      Encoder encoder,
      UsageSpace base,
      UsageTable table,
      Progress progress,
      Cancel cancel) {
    List<LabelledText> blocks = Blocks.of(corpus.texts(), BLOCK_WORDS);
    Map<String, String> ids = new HashMap<>();
    long[] counts = new long[2];
    InOrder.encode(
        blocks.iterator(),
        block ->
            new TextInput(
                block.text(), block.words().stream().map(LabelledText.Word::span).toList()),
        encoder,
        Disambiguator.request(base),
        (block, result) -> {
          progress.update("encoding " + corpus.name(), ++counts[0], blocks.size());
          if (result instanceof EncodeResult.Done done) {
            List<EncodedWord> encoded = done.encoded().words();
            for (int w = 0; w < encoded.size(); w++) {
              LabelledText.Word word = block.words().get(w);
              List<String> senses = ids(word, inventory, ids);
              if (senses.isEmpty()) {
                counts[1]++;
              } else {
                table.add(
                    new UsageTable.Usage(block.document(), block.text(), word, senses),
                    base.sum(encoded.get(w).vectors()));
              }
            }
          }
        },
        cancel);
    return counts[1];
  }

  /** A word's labels as the inventory writes them; those that it does not know are left out. */
  static List<String> ids(
      LabelledText.Word word, SenseInventory inventory, Map<String, String> known) {
    return word.senses().stream()
        .map(key -> known.computeIfAbsent(key, it -> inventory.sense(it).map(Sense::id).orElse("")))
        .filter(id -> !id.isEmpty())
        .toList();
  }
}
