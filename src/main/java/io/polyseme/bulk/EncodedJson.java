package io.polyseme.bulk;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonWriter;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedPart;
import io.polyseme.encoder.EncodedPassage;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.Words;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An encoded text as one JSON object on one line: {@code command}, {@code query} (the text), {@code
 * id} where it has one, {@code model}, {@code results} and {@code warnings}. There is a result for
 * each vector: with {@code text}, {@code span}, {@code tokens}, {@code unknownTokens}, {@code
 * windows}, {@code layer} and {@code vector} for a whole text, and {@code cut} where its end was
 * cut off; with {@code word}, {@code span}, {@code layer}, {@code pieces} and {@code vector} for a
 * word; with {@code text}, {@code span}, {@code tokens}, {@code begins}, {@code ends}, {@code
 * encoding}, {@code pooling}, {@code windows} (from the first to before the last), {@code seen},
 * {@code layer} and {@code vector} for a passage.
 */
public final class EncodedJson {
  private EncodedJson() {}

  /**
   * A text with its vectors.
   *
   * @param model the encoder's name
   * @param id what the text is called; null where it has no name
   */
  public static String of(String model, @Nullable String id, Encoded encoded) {
    var text = new StringWriter();
    try {
      write(text, model, id, encoded);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * A text that has none.
   *
   * @param why it could not be encoded, its only warning
   */
  public static String failed(String model, @Nullable String id, String text, String why) {
    var line = new StringWriter();
    try {
      writeFailed(line, model, id, text, why);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.toString();
  }

  /**
   * Encodes what a reader has left, each text to an object that is handed on at once, in their
   * order; {@link #failed} where it cannot be encoded, with its line in the warning.
   *
   * @param request what is wanted of each text
   * @param word the word that is wanted with {@link Words#GIVEN}; null with others
   * @param sink called on this thread
   * @return what was done, as the last that {@code progress} was told
   * @throws PolysemeException if there is no text, the first cannot be read, or the model fails
   * @throws io.polyseme.CancelledException if cancelled or interrupted
   */
  public static BulkProgress.Status each(
      CorpusReader texts,
      Encoder encoder,
      EncodeRequest request,
      @Nullable String word,
      Consumer<String> sink,
      BulkProgress progress,
      Cancel cancel) {
    TextFeed.first(texts);
    String model = encoder.info().card().name();
    var lines =
        new TextSink() {
          @Override
          public void done(CorpusText text, Encoded encoded) {
            sink.accept(of(model, text.id(), encoded));
          }

          @Override
          public void failed(CorpusText text, String why) {
            sink.accept(
                EncodedJson.failed(
                    model, text.id(), text.text(), "line " + text.line() + ": " + why));
          }
        };
    var last = new BulkProgress.Status[1];
    BulkProgress both =
        status -> {
          last[0] = status;
          progress.update(status);
        };
    var tally = new Tally(lines, JobState.NEW, both, texts.length(), System.nanoTime());
    tally.tell(0);
    try {
      new TextFeed(texts, word, Long.MAX_VALUE, Long.MAX_VALUE, tally)
          .run(encoder, request, cancel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return last[0];
  }

  static void write(Writer to, String model, @Nullable String id, Encoded encoded)
      throws IOException {
    JsonWriter json = begin(to, model, id, encoded.text());
    for (LayerVector vector : encoded.sentence()) {
      json.beginObject();
      json.name("text").value(encoded.text());
      span(json, "span", new Span(0, encoded.text().length()));
      json.name("tokens").value(encoded.tokens());
      json.name("unknownTokens").value(encoded.unknownTokens());
      json.name("windows").value(encoded.windows());
      if (encoded.cut() != null) {
        span(json, "cut", encoded.cut());
      }
      json.name("layer").value(vector.layer());
      vector(json, vector.vector());
      json.endObject();
    }
    for (EncodedWord word : encoded.words()) {
      part(json, word, null);
    }
    for (EncodedPassage passage : encoded.passages()) {
      part(json, passage, null);
    }
    end(json, encoded.warnings());
  }

  /**
   * The results of a word or passage, one for each layer.
   *
   * @param lines to which a line end is written after each; null for none
   */
  static void part(JsonWriter json, EncodedPart part, @Nullable Writer lines) throws IOException {
    for (LayerVector vector : part.vectors()) {
      json.beginObject();
      json.name(part instanceof EncodedWord ? "word" : "text").value(part.text());
      span(json, "span", part.span());
      if (part instanceof EncodedPassage passage) {
        json.name("tokens").value(passage.tokens());
        json.name("begins").value(name(passage.begins()));
        json.name("ends").value(name(passage.ends()));
        json.name("encoding").value(name(passage.made().encoding()));
        json.name("pooling").value(name(passage.made().pooling()));
        span(json, "windows", passage.made().windows());
        span(json, "seen", passage.made().seen());
      }
      json.name("layer").value(vector.layer());
      if (part instanceof EncodedWord word) {
        strings(json, "pieces", word.pieces());
      }
      vector(json, vector.vector());
      json.endObject();
      endLine(lines);
    }
  }

  static void endLine(@Nullable Writer lines) throws IOException {
    if (lines != null) {
      lines.write('\n');
    }
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static void writeFailed(Writer to, String model, @Nullable String id, String text, String why)
      throws IOException {
    end(begin(to, model, id, text), List.of(why));
  }

  private static JsonWriter begin(Writer to, String model, @Nullable String id, String text)
      throws IOException {
    JsonWriter json = writer(to);
    json.beginObject();
    json.name("command").value("encode");
    json.name("query").value(text);
    if (id != null) {
      json.name("id").value(id);
    }
    json.name("model").value(model);
    json.name("results").beginArray();
    return json;
  }

  private static void end(JsonWriter json, List<String> warnings) throws IOException {
    json.endArray();
    strings(json, "warnings", warnings);
    json.endObject();
  }

  /** Onto one line; closing it is the caller's. */
  static JsonWriter writer(Writer to) {
    var json = new JsonWriter(to);
    json.setStrictness(Strictness.LENIENT); // a model may give what is no number
    return json;
  }

  static void strings(JsonWriter json, String name, List<String> strings) throws IOException {
    json.name(name).beginArray();
    for (String string : strings) {
      json.value(string);
    }
    json.endArray();
  }

  static void span(JsonWriter json, String name, Span span) throws IOException {
    json.name(name).beginArray().value(span.start()).value(span.end()).endArray();
  }

  static void vector(JsonWriter json, float[] vector) throws IOException {
    json.name("vector").beginArray();
    for (float x : vector) {
      json.value(x);
    }
    json.endArray();
  }
}
