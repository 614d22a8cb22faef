package io.polyseme.bulk;

import com.google.gson.stream.JsonWriter;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.WholeText;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodedStream;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.LayerVector;
import io.polyseme.vector.Span;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One long text, whose words and passages are written as JSON as they are encoded: neither the text
 * nor its vectors are ever held whole. Results are those of {@link EncodedJson}, words and passages
 * each in the order of the text. The vectors of the whole, where they are asked for, come last;
 * their {@code text} is left out.
 */
public final class WholeTextEncoding {
  private WholeTextEncoding() {}

  /** Told after each word and passage, on the thread that encodes. */
  @FunctionalInterface
  public interface Listener {
    /** Tells nobody. */
    Listener NONE = _ -> {};

    /**
     * @param parts how many words and passages were written
     */
    void written(long parts);
  }

  /**
   * Writes one object: {@code command}, {@code query} (what the text is called), {@code model},
   * {@code results}, {@code warnings}, and what {@link EncodedStream} says of the whole: {@code
   * characters}, {@code tokens}, {@code unknownTokens}, {@code windows}, {@code words}, {@code
   * passages}, {@code forcedCuts}.
   *
   * @param text read to its end, not closed
   * @param to flushed, not closed
   * @throws PolysemeException if the text cannot be read or encoded, or the result not be written
   * @throws io.polyseme.CancelledException if cancelled or interrupted
   * @throws IllegalArgumentException as {@link Encoder#encodeStream}
   */
  public static EncodedStream object(
      WholeText text,
      Encoder encoder,
      EncodeRequest request,
      Writer to,
      Listener listener,
      Cancel cancel) {
    try {
      JsonWriter json = EncodedJson.writer(to);
      json.beginObject();
      json.name("command").value("encode");
      json.name("query").value(text.name());
      json.name("model").value(encoder.info().card().name());
      json.name("results").beginArray();
      EncodedStream whole = results(text, encoder, request, json, null, listener, cancel);
      json.endArray();
      EncodedJson.strings(json, "warnings", whole.warnings());
      json.name("characters").value(whole.characters());
      counts(json, whole);
      json.name("words").value(whole.words());
      json.name("passages").value(whole.passages());
      json.name("forcedCuts").beginArray();
      for (int place : whole.forcedCuts()) {
        json.value(place);
      }
      json.endArray();
      json.endObject();
      to.flush();
      return whole;
    } catch (IOException e) {
      throw new PolysemeException("cannot write the vectors: " + e.getMessage(), e);
    }
  }

  /**
   * Writes a file of results, each an object on a line of its own. It appears, in the place of what
   * was there, when all is done.
   *
   * @param text read to its end, not closed
   * @throws PolysemeException as {@link #object}
   * @throws io.polyseme.CancelledException if cancelled or interrupted; nothing is left then
   * @throws IllegalArgumentException as {@link Encoder#encodeStream}
   */
  public static EncodedStream lines(
      WholeText text,
      Encoder encoder,
      EncodeRequest request,
      Path out,
      Listener listener,
      Cancel cancel) {
    try {
      Path target = target(text, out);
      // Not createTempFile: what that makes nobody else may read.
      Path part =
          target.resolveSibling("%s.%s.part".formatted(target.getFileName(), UUID.randomUUID()));
      try {
        EncodedStream whole;
        try (BufferedWriter to = Files.newBufferedWriter(part)) {
          JsonWriter json = EncodedJson.writer(to);
          whole = results(text, encoder, request, json, to, listener, cancel);
        }
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return whole;
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot write %s: %s; is the folder writable and the disk not full?"
              .formatted(out, e.getMessage() == null ? e : e.getMessage()),
          e);
    }
  }

  /** The file to write, all links followed. */
  private static Path target(WholeText text, Path out) throws IOException {
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
                      : "no regular file"));
    }
    if (text.file() != null && Files.isSameFile(text.file(), out)) {
      throw new PolysemeException(out + " would be written over what is read from it");
    }
    return out.toRealPath();
  }

  /**
   * @param lines to which a line end is written after each result; null for none
   */
  private static EncodedStream results(
      WholeText text,
      Encoder encoder,
      EncodeRequest request,
      JsonWriter json,
      @Nullable Writer lines,
      Listener listener,
      Cancel cancel)
      throws IOException {
    var parts = new long[1];
    EncodedStream whole;
    try {
      whole =
          encoder.encodeStream(
              text,
              request,
              part -> {
                try {
                  EncodedJson.part(json, part, lines);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                listener.written(++parts[0]);
              },
              cancel);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (LayerVector vector : whole.sentence()) {
      json.beginObject();
      EncodedJson.span(json, "span", new Span(0, whole.characters()));
      counts(json, whole);
      json.name("layer").value(vector.layer());
      EncodedJson.vector(json, vector.vector());
      json.endObject();
      EncodedJson.endLine(lines);
    }
    return whole;
  }

  private static void counts(JsonWriter json, EncodedStream whole) throws IOException {
    json.name("tokens").value(whole.tokens());
    json.name("unknownTokens").value(whole.unknownTokens());
    json.name("windows").value(whole.windows());
  }
}
