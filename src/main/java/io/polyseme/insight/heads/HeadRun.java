package io.polyseme.insight.heads;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.polyseme.PolysemeException;
import io.polyseme.WholeFile;
import io.polyseme.corpus.CorpusOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How far a count over a corpus has come: the sums over whole texts, and where the next begins. Not
 * thread-safe.
 */
final class HeadRun {
  private static final int VERSION = 1;

  private final String key;
  private final HeadSums sums;

  /** Of the text that is under way, in pieces. */
  private final HeadSums pending;

  private Place place;

  /**
   * A place between two texts.
   *
   * @param file the number of the file
   * @param read how many texts of it were taken, readable or not
   */
  record Place(int file, long read, long texts, long pieces, long tokens, long skipped) {}

  private HeadRun(String key, HeadSums sums, Place place) {
    this.key = key;
    this.sums = sums;
    this.pending = new HeadSums(sums.layers(), sums.heads());
    this.place = place;
  }

  static String key(String fingerprint, int pieceTokens, List<Path> files, CorpusOptions options) {
    var key =
        new StringBuilder(
            "model %s, pieces of %d tokens, texts as %s"
                .formatted(fingerprint, pieceTokens, options));
    for (Path file : files) {
      try {
        key.append(", ")
            .append(file.toRealPath())
            .append(" of ")
            .append(Files.getLastModifiedTime(file))
            .append(", ")
            .append(Files.size(file));
      } catch (IOException e) {
        throw new PolysemeException("cannot read %s: %s".formatted(file, e.getMessage()), e);
      }
      key.append(" bytes");
    }
    return key.toString();
  }

  static HeadRun start(String key, int layers, int heads) {
    return new HeadRun(key, new HeadSums(layers, heads), new Place(0, 0, 0, 0, 0, 0));
  }

  /**
   * @throws PolysemeException if the file cannot be read, or is of another model or corpus
   */
  static HeadRun read(Path file, String key) {
    String found;
    HeadRun run;
    try {
      JsonObject object = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
      if (object.get("version").getAsInt() != VERSION) {
        throw new IllegalStateException("version " + object.get("version"));
      }
      found = object.get("of").getAsString();
      run =
          new HeadRun(
              found,
              HeadSums.of(object.getAsJsonObject("sums")),
              new Place(
                  object.get("file").getAsInt(),
                  object.get("read").getAsLong(),
                  object.get("texts").getAsLong(),
                  object.get("pieces").getAsLong(),
                  object.get("tokens").getAsLong(),
                  object.get("skipped").getAsLong()));
    } catch (IOException | RuntimeException e) {
      throw new PolysemeException(
          "%s does not hold the sums of an earlier run (%s); give another file, or remove it"
              .formatted(file, e.getMessage()),
          e);
    }
    if (!found.equals(key)) {
      throw new PolysemeException(
          "%s was saved for something else: for %s, and this is %s; give another file, or remove it"
              .formatted(file, found, key));
    }
    return run;
  }

  void write(Path file) {
    var object = new JsonObject();
    object.addProperty("version", VERSION);
    object.addProperty("of", key);
    object.addProperty("file", place.file);
    object.addProperty("read", place.read);
    object.addProperty("texts", place.texts);
    object.addProperty("pieces", place.pieces);
    object.addProperty("tokens", place.tokens);
    object.addProperty("skipped", place.skipped);
    object.add("sums", sums.toJson());
    byte[] bytes = object.toString().getBytes(StandardCharsets.UTF_8);
    WholeFile.write(file, out -> out.write(bytes));
  }

  Place place() {
    return place;
  }

  /** Where the pieces of a text are counted until it is whole. */
  HeadSums pending() {
    return pending;
  }

  /** A text is whole. */
  void moveTo(Place next) {
    sums.take(pending);
    place = next;
  }

  HeadProfiles profiles() {
    return HeadProfiles.of(sums, place.texts, place.pieces, place.tokens, place.skipped);
  }
}
