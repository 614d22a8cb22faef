package io.polyseme.bulk;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.Encoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A job under way. Not thread-safe. */
final class BulkRun {
  private static final String VECTORS = "vectors";
  private static final String TEXTS = "texts";
  private static final String GROUPS = "groups";

  private final BulkEncoding job;
  private final Shape shape;
  private final CorpusReader texts;
  private final Encoder encoder;
  private final JobFolder folder;
  private final BulkProgress progress;
  private final Map<String, Path> places = new LinkedHashMap<>();
  private final long start = System.nanoTime();

  BulkRun(
      BulkEncoding job,
      Path target,
      Shape shape,
      CorpusReader texts,
      Encoder encoder,
      JobFolder folder,
      BulkProgress progress) {
    this.job = job;
    this.shape = shape;
    this.texts = texts;
    this.encoder = encoder;
    this.folder = folder;
    this.progress = progress;
    if (job.format() == OutputFormat.NPY) {
      places.put(TEXTS, target.resolveSibling(target.getFileName() + ".jsonl"));
    }
    places.put(VECTORS, target); // last, since who sees it takes the job for done
  }

  BulkReport run(Cancel cancel) throws IOException {
    JobState resumed = folder.state();
    if (!resumed.finished()) {
      encode(resumed, cancel);
    }
    JobState done = folder.state();
    folder.publish(places);
    List<Path> files = List.copyOf(places.values()).reversed();
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    return new BulkReport(
        files,
        done.texts(),
        done.failed(),
        done.tokens(),
        resumed.texts(),
        resumed.tokens(),
        (System.nanoTime() - start) / 1e9,
        bytes,
        done.warnings());
  }

  private void encode(JobState resumed, Cancel cancel) throws IOException {
    long length = texts.length();
    try (VectorWriter writer = writer(resumed)) {
      if (texts.skip(resumed.texts()) < resumed.texts()) {
        throw new PolysemeException(
            "%s has fewer texts than the %d that are done; --restart begins anew"
                .formatted(texts.name(), resumed.texts()));
      }
      var tally = new Tally(writer, resumed, progress, length, start);
      tally.tell(texts.position());
      while (texts.hasNext()) {
        new TextFeed(texts, job.word(), job.partTexts(), BulkEncoding.PART_CHARACTERS, tally)
            .run(encoder, job.request(), cancel);
        writer.endPart();
        folder.commit(tally.state(false));
      }
      writer.finish(folder.state().texts());
      folder.commit(tally.state(true));
    }
  }

  private VectorWriter writer(JobState resumed) throws IOException {
    GrowingFile vectors = folder.file(VECTORS);
    return switch (job.format()) {
      case JSONL -> new JsonLinesWriter(vectors, encoder.info().card().name());
      case NPY ->
          new NpyWriter(
              vectors, folder.file(TEXTS), resumed.texts(), shape.layers(), shape.dimension());
      case PARQUET -> parquet(vectors, folder.file(GROUPS));
    };
  }

  private VectorWriter parquet(GrowingFile vectors, GrowingFile groups) throws IOException {
    try {
      return new ParquetWriter(vectors, groups, job, encoder.info());
    } catch (LinkageError e) {
      throw new PolysemeException(
          "Parquet is written by libraries that are not on the class path: add"
              + " org.apache.parquet:parquet-column and com.github.luben:zstd-jni, or write .npy or"
              + " .jsonl",
          e);
    }
  }
}
