package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.document.DocumentOptions;
import io.polyseme.document.DocumentReader;
import io.polyseme.document.DocumentResult;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Passages;
import io.polyseme.index.BuildOptions;
import io.polyseme.index.IndexBuilder;
import io.polyseme.index.Recipe;
import io.polyseme.index.TextOptions;
import io.polyseme.index.VectorIndex;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Filter;
import io.polyseme.vector.Maker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings documents into an index. Which files are in it as they are is kept with it, by hashes of
 * what they hold: those are not even parsed again.
 */
final class DocumentIndexing {
  private static final String ATTACHMENT = "documents";

  /** Raised when the same file would be read or cut in another way. */
  private static final int VERSION = 1;

  private static final int REASONS = 3;

  /** How many tokens a role's prefix and the special ones take at most, of a usual model. */
  private static final int FRAME = 32;

  private final ModelStore models;
  private final EncoderOptions encoding;
  private final Path folder;
  private final Recipe recipe;
  private final List<String> from;
  private final IndexingOptions options;
  private final DocumentOptions reading;

  DocumentIndexing(
      ModelStore models,
      EncoderOptions encoding,
      Path folder,
      Recipe recipe,
      List<String> from,
      IndexingOptions options) {
    this.models = models;
    this.encoding = encoding;
    this.folder = folder;
    this.recipe = recipe;
    this.from = from;
    this.options = options;
    this.reading = reading(recipe, options.documents()).without(folder);
  }

  private static DocumentOptions reading(Recipe recipe, DocumentOptions options) {
    DocumentOptions reading = options;
    if (!recipe.text().isEmpty()) {
      reading =
          reading.withTextFields(Stream.of(recipe.text().split(",")).map(String::strip).toList());
    }
    return recipe.label().isEmpty() ? reading : reading.withIdField(recipe.label());
  }

  BuildReport build(Progress progress, Cancel cancel) {
    long start = System.nanoTime();
    try (VectorIndex old = old()) {
      String model = recipe.model();
      if (model.isEmpty() && old != null) {
        model = old.info().maker().model(); // whatever the first documents are by now
      }
      DocumentReader first = null;
      try {
        if (model.isEmpty()) {
          first = DocumentReader.open(from, reading);
          model = ModelStore.defaultFor(first.sample(Indexing.SAMPLE));
        }
        try (Encoder encoder = Encoder.open(models.open(model, progress, cancel), encoding)) {
          return build(encoder, first, old, start, progress, cancel);
        }
      } finally {
        if (first != null) {
          first.close();
        }
      }
    }
  }

  private @Nullable VectorIndex old() {
    if (!Files.isDirectory(folder)) {
      return null;
    }
    try {
      return VectorIndex.open(folder);
    } catch (PolysemeException e) {
      return null; // the builder says what there is to say
    }
  }

  private BuildReport build(
      Encoder encoder,
      @Nullable DocumentReader begun,
      @Nullable VectorIndex old,
      long start,
      Progress progress,
      Cancel cancel) {
    TextOptions texts = recipe.texts();
    EncodeRequest request = Indexing.request(recipe);
    Maker maker = encoder.maker(request, Encoder.Target.SENTENCE);
    if (texts.late()) {
      request = request.withPassages(Passages.given().late()).withSentence(false);
    }
    var chunks = new DocumentChunks(encoder, chunks(encoder, texts));
    BuildOptions building =
        BuildOptions.DEFAULT.withFullText(Indexing.FULL_TEXT).withKeep(options.add());
    try (IndexBuilder builder = VectorIndex.builder(folder, recipe, maker, building)) {
      boolean usable = builder.reusable() > 0 && old != null;
      Map<String, DocumentSource.Settled> known = usable ? known(old) : Map.of();
      // Chunks that know their surroundings are made of more than the index keeps of them.
      DocumentReader reader =
          begun != null ? begun : DocumentReader.open(from, reading, hashes(known));
      try (var source =
          new DocumentSource(reader, chunks, texts.late(), options, builder, usable ? old : null)) {
        var run = new EncodingRun(source, builder, progress, cancel);
        encoder.encodeAll(run, request, run::take, cancel);
        DocumentsReport report = source.report();
        requireAny(report);
        double encoded = Indexing.seconds(start);
        var settled = new LinkedHashMap<String, DocumentSource.Settled>();
        if (run.failed() == 0) {
          settled.putAll(options.add() ? known : Map.of());
          settled.putAll(source.settled());
        }
        builder.attach(ATTACHMENT, written(settled));
        IndexBuilder.Summary summary = builder.commit(progress, cancel);
        return new BuildReport(
            summary,
            run.texts(),
            run.failed(),
            run.warnings(),
            encoded,
            Indexing.seconds(start),
            Indexing.size(folder),
            report);
      }
    }
  }

  /** Of the size that the recipe says; where that is the default, of what the model takes. */
  private static Passages.Chunks chunks(Encoder encoder, TextOptions texts) {
    int window = encoder.info().window();
    int most = texts.chunk();
    if (most == TextOptions.DEFAULT.chunk() && most > window - FRAME) {
      most = Math.max(1, window - FRAME);
    }
    if (most > window - 2) {
      throw new PolysemeException(
          "chunks of %,d tokens do not fit %s, which takes %,d at once; choose a smaller --chunk"
              .formatted(most, encoder.info().card().name(), window));
    }
    return Passages.chunks(most).withOverlap(Math.min(texts.overlap(), (most - 1) / 2));
  }

  private void requireAny(DocumentsReport report) {
    if (report.documents() > 0) {
      return;
    }
    String places = String.join(", ", from);
    if (report.skippedInAll() == 0) {
      throw new PolysemeException("there is nothing to read in " + places);
    }
    List<DocumentResult.Skipped> few = report.skipped().stream().limit(REASONS).toList();
    throw new PolysemeException(
        "nothing could be read in %s: %s%s"
            .formatted(
                places,
                few.stream()
                    .map(s -> s.name() + ": " + s.reason())
                    .collect(Collectors.joining("; ")),
                report.skippedInAll() > REASONS ? "; and more" : ""));
  }

  /** What an index knows of the files in it that is still so. */
  private Map<String, DocumentSource.Settled> known(VectorIndex index) {
    Map<String, DocumentSource.Settled> known = new LinkedHashMap<>();
    byte[] attachment = index.attachment(ATTACHMENT).orElse(new byte[0]);
    List<String> lines = new String(attachment, StandardCharsets.UTF_8).lines().toList();
    if (recipe.texts().late() || lines.isEmpty() || !lines.getFirst().equals(settings())) {
      return known;
    }
    for (String line : lines.subList(1, lines.size())) {
      String[] parts = line.split(" ", 3);
      var settled = new DocumentSource.Settled(parts[0], Integer.parseInt(parts[1]));
      if (index.count(new Filter.In("document", Set.of(parts[2]))) == settled.chunks()) {
        known.put(parts[2], settled);
      }
    }
    return known;
  }

  private static Map<String, String> hashes(Map<String, DocumentSource.Settled> known) {
    return known.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().hash()));
  }

  /** A line of what chunks depend on beside their files, then a line for each file. */
  private byte[] written(Map<String, DocumentSource.Settled> settled) {
    var out = new StringBuilder(settings()).append('\n');
    settled.forEach(
        (file, its) ->
            out.append(its.hash())
                .append(' ')
                .append(its.chunks())
                .append(' ')
                .append(file)
                .append('\n'));
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private String settings() {
    TextOptions texts = recipe.texts();
    return "%d %d %d %b %s %d"
        .formatted(
            VERSION,
            texts.chunk(),
            texts.overlap(),
            texts.late(),
            reading.format(),
            reading.mostCharacters());
  }
}
