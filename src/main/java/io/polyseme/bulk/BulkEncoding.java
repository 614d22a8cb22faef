package io.polyseme.bulk;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Passages;
import io.polyseme.encoder.Words;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A bulk job: a file of texts becomes a file of vectors. Immutable; start at {@link #to(Path)}.
 *
 * <p>The work is done in parts, and what is done of it is kept in a folder beside the output, named
 * {@code .OUTPUT.parts}. A job that was cancelled, killed, or failed because a disk was full goes
 * on after the last whole part when it is run again: no text is lost, none is there twice. The
 * output appears, in the place of what was there, when all of it is done, and the folder goes. One
 * process at a time can be at a job. Parts are encoded each by itself, so that where a job was
 * ended does not show in its output.
 *
 * <p>Texts are read, and vectors written, as the encoder needs and gives them: memory does not grow
 * with their number. A text that cannot be encoded has its place in the output all the same, as
 * {@link OutputFormat} says.
 *
 * @param out the file to write; a link is followed
 * @param format what it is to look like
 * @param request what is wanted of each text
 * @param word the word that is wanted, wherever it stands, with {@link Words#GIVEN}; null with
 *     others
 * @param partTexts how many texts make a part, at least 1: as many at most are encoded a second
 *     time when a job goes on. A part of long texts has fewer
 * @param restart whether what an earlier run has left is thrown away
 */
public record BulkEncoding(
    Path out,
    OutputFormat format,
    EncodeRequest request,
    @Nullable String word,
    int partTexts,
    boolean restart) {
  /** Of which a part has no more than one text that goes beyond it. */
  static final long PART_CHARACTERS = 16_000_000;

  /** How many texts make a part where nothing else is said. */
  public static final int PART_TEXTS = 8192;

  public BulkEncoding {
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(request, "request");
    if (partTexts < 1) {
      throw new IllegalArgumentException("partTexts must be at least 1: " + partTexts);
    }
    if ((request.words() == Words.GIVEN) != (word != null)) {
      throw new IllegalArgumentException(
          "a bulk job needs a word where the request wants given words, and only there");
    }
    if (word != null && word.isBlank()) {
      throw new IllegalArgumentException("the word is empty");
    }
    if (request.passages() instanceof Passages.Given) {
      throw new IllegalArgumentException(
          "the texts of a bulk job come without the spans of passages: ask for chunks");
    }
    if (format == OutputFormat.NPY
        && (request.words() != Words.NONE || !(request.passages() instanceof Passages.None))) {
      throw new IllegalArgumentException(
          "an .npy file has a row for each text, and the vectors of words and passages are more or fewer: write .parquet or .jsonl");
    }
  }

  /** Sentence vectors into a file, whose name tells its format. */
  public static BulkEncoding to(Path out) {
    return new BulkEncoding(
        out, OutputFormat.of(out), EncodeRequest.ofSentences(), null, PART_TEXTS, false);
  }

  public BulkEncoding withFormat(OutputFormat format) {
    return new BulkEncoding(out, format, request, word, partTexts, restart);
  }

  /** With a request for sentences, every word or chunks. */
  public BulkEncoding withRequest(EncodeRequest request) {
    return new BulkEncoding(out, format, request, null, partTexts, restart);
  }

  /** With a request for one word, which is made one for given words. */
  public BulkEncoding withRequest(EncodeRequest request, String word) {
    return new BulkEncoding(out, format, request.withWords(Words.GIVEN), word, partTexts, restart);
  }

  public BulkEncoding withPartTexts(int partTexts) {
    return new BulkEncoding(out, format, request, word, partTexts, restart);
  }

  public BulkEncoding withRestart(boolean restart) {
    return new BulkEncoding(out, format, request, word, partTexts, restart);
  }

  /**
   * Does the job, or what is left of it.
   *
   * @param texts a reader of which nothing has been taken yet. Of a file, the job can go on later;
   *     of a stream it cannot, and nothing is kept. Stays open
   * @param encoder stays open
   * @throws CancelledException if cancelled or interrupted; says where what was done is kept
   * @throws IllegalArgumentException if the model has no such layer
   * @throws PolysemeException if there is no text, the output cannot be written or is being made by
   *     another process, another job for it was begun and not finished, or the model fails
   */
  public BulkReport run(CorpusReader texts, Encoder encoder, BulkProgress progress, Cancel cancel) {
    Path target = target(texts);
    TextFeed.first(texts);
    Shape shape = Shape.of(encoder, request);
    // Only what can be read again from its start can be gone on with.
    boolean kept = texts.file() != null;
    try (JobFolder folder = JobFolder.open(target, identity(texts, encoder), restart || !kept)) {
      try {
        return new BulkRun(this, target, shape, texts, encoder, folder, progress).run(cancel);
      } catch (RuntimeException | IOException e) {
        long done = kept ? folder.state().texts() : 0;
        if (done == 0) {
          try {
            folder.remove();
          } catch (IOException other) {
            e.addSuppressed(other);
          }
        }
        throw explained(e, target, done);
      }
    } catch (IOException e) {
      throw unwritable(target, e, 0);
    }
  }

  /**
   * @param done how many texts are kept
   */
  private static RuntimeException explained(Exception e, Path target, long done) {
    return switch (e) {
      case CancelledException _ -> new CancelledException(e.getMessage() + kept(target, done));
      case UncheckedIOException io -> unwritable(target, io.getCause(), done);
      case IOException io -> unwritable(target, io, done);
      case RuntimeException other -> other;
      default -> throw new AssertionError(e);
    };
  }

  private static PolysemeException unwritable(Path target, IOException e, long done) {
    return new PolysemeException(
        "cannot write %s: %s; is the folder writable and the disk not full?%s"
            .formatted(target, e.getMessage() == null ? e : e.getMessage(), kept(target, done)),
        e);
  }

  private static String kept(Path target, long done) {
    return done == 0
        ? "; nothing is kept"
        : String.format(
            Locale.ROOT,
            "; %,d texts are done and kept in %s: the same command goes on from there",
            done,
            JobFolder.of(target));
  }

  /** The file to write, all links followed. */
  private Path target(CorpusReader texts) {
    try {
      Path folder = out.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw new PolysemeException("there is no folder " + folder + " to write to");
      }
      if (!Files.exists(out)) {
        return folder.toRealPath().resolve(out.getFileName());
      }
      if (!Files.isRegularFile(out)) {
        throw new PolysemeException(
            "cannot write %s: it is %s"
                .formatted(
                    out,
                    Files.isDirectory(out)
                        ? "a folder; give the path of a file"
                        : "no regular file; without --out, JSON lines go to standard output"));
      }
      if (texts.file() != null && Files.isSameFile(texts.file(), out)) {
        throw new PolysemeException(out + " would be written over what is read from it");
      }
      return out.toRealPath();
    } catch (IOException e) {
      throw unwritable(out, e, 0);
    }
  }

  /** What must be the same where a job goes on, by what a person calls it. */
  private Map<String, String> identity(CorpusReader texts, Encoder encoder) {
    var job = new LinkedHashMap<String, String>();
    job.put("the version of its parts", "1");
    Path file = texts.file();
    try {
      job.put("the input", file == null ? texts.name() : file.toRealPath().toString());
      if (file != null) {
        job.put("the input's length", Files.size(file) + " bytes");
        job.put("the input's last change", Files.getLastModifiedTime(file).toString());
      }
    } catch (IOException e) {
      throw new PolysemeException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
    job.put("the input's format", lower(texts.format()));
    job.put("the field of the text", texts.options().textField());
    job.put("the field of the id", texts.options().idField());
    job.put("the output's format", lower(format));
    job.put("the model", encoder.info().card().name());
    job.put("the model's fingerprint", encoder.info().fingerprint());
    job.put("the word", word == null ? "none" : word);
    for (RecordComponent part : EncodeRequest.class.getRecordComponents()) {
      job.put("the request's " + part.getName(), value(part));
    }
    return job;
  }

  private String value(RecordComponent part) {
    try {
      return String.valueOf(part.getAccessor().invoke(request));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e); // it is public
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
