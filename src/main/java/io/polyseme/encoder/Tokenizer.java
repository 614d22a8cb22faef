package io.polyseme.encoder;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A Hugging Face {@code tokenizer.json}, asked for whole texts: never truncated, never padded,
 * whatever the file says. Thread-safe.
 */
final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final Vocabulary vocabulary;
  private final int[] prefix;
  private final int[] suffix;

  private Tokenizer(HuggingFaceTokenizer tokenizer, Vocabulary vocabulary, Path file) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    Encoding one = tokenizer.encode("a", true, false);
    long[] mask = one.getSpecialTokenMask();
    int first = 0;
    while (first < mask.length && mask[first] == 1) {
      first++;
    }
    int last = mask.length;
    while (last > first && mask[last - 1] == 1) {
      last--;
    }
    if (first == mask.length) {
      throw new PolysemeException(
          "the tokenizer " + file + " makes nothing but special tokens of the text \"a\"");
    }
    this.prefix = toInts(Arrays.copyOfRange(one.getIds(), 0, first));
    this.suffix = toInts(Arrays.copyOfRange(one.getIds(), last, mask.length));
  }

  static Tokenizer open(Path file) {
    NativeLibraries.prepareTokenizers();
    Vocabulary vocabulary = Vocabulary.read(file);
    try {
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optTruncation(false)
              .optPadding(false)
              .optAddSpecialTokens(false)
              .build();
      try {
        return new Tokenizer(tokenizer, vocabulary, file);
      } catch (RuntimeException e) {
        tokenizer.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PolysemeException("cannot read the tokenizer " + file + ": " + e.getMessage(), e);
    } catch (PolysemeException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new PolysemeException(
          file + " is not a tokenizer.json that can be used: " + e.getMessage(), e);
    }
  }

  /** The ids of the special tokens before a text. */
  int[] prefix() {
    return prefix;
  }

  /** The ids of the special tokens after a text. */
  int[] suffix() {
    return suffix;
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  /**
   * The tokens of a text.
   *
   * @param text well-formed UTF-16
   */
  Tokens tokenize(String text) {
    Encoding encoding = tokenizer.encode(text, false, false);
    long[] ids = encoding.getIds();
    CharSpan[] spans = encoding.getCharTokenSpans();
    int count = ids.length;
    var starts = new int[count];
    var ends = new int[count];
    int unknown = 0;
    int last = 0;
    for (int i = 0; i < count; i++) {
      // A token that stands for no characters of the text gets an empty place after the last one.
      starts[i] = spans[i] == null ? last : spans[i].getStart();
      ends[i] = spans[i] == null ? last : spans[i].getEnd();
      last = ends[i];
      if (ids[i] == vocabulary.unknownId()) {
        unknown++;
      }
    }
    toUtf16(text, starts, ends);
    return new Tokens(toInts(ids), starts, ends, encoding.getTokens(), unknown);
  }

  /** The tokenizer counts code points; from there to UTF-16 units, in place. */
  private static void toUtf16(String text, int[] starts, int[] ends) {
    int length = text.length();
    int firstSurrogate = 0;
    while (firstSurrogate < length && !Character.isSurrogate(text.charAt(firstSurrogate))) {
      firstSurrogate++;
    }
    if (firstSurrogate == length) {
      return;
    }
    int points = text.codePointCount(0, length);
    var units = new int[points + 1];
    int unit = 0;
    for (int point = 0; point < points; point++) {
      units[point] = unit;
      unit += Character.charCount(text.codePointAt(unit));
    }
    units[points] = length;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = units[starts[i]];
      ends[i] = units[ends[i]];
    }
  }

  private static int[] toInts(long[] values) {
    var ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = Math.toIntExact(values[i]);
    }
    return ints;
  }

  @Override
  public void close() {
    tokenizer.close();
  }

  /**
   * What the tokenizer's file says of its vocabulary.
   *
   * @param pieces from piece to id
   * @param unknownId of the unknown token; -1 where there is none
   * @param size one more than the greatest id
   */
  record Vocabulary(Map<String, Integer> pieces, int unknownId, int size) {

    static Vocabulary read(Path file) {
      var pieces = new HashMap<String, Integer>(1 << 16);
      String unknownToken = null;
      int unknownId = -1;
      try (var reader = new JsonReader(Files.newBufferedReader(file))) {
        reader.beginObject();
        while (reader.hasNext()) {
          switch (reader.nextName()) {
            case "added_tokens" -> readAdded(reader, pieces);
            case "model" -> {
              if (reader.peek() != JsonToken.BEGIN_OBJECT) {
                reader.skipValue();
                continue;
              }
              reader.beginObject();
              while (reader.hasNext()) {
                String name = reader.nextName();
                if (name.equals("unk_token") && reader.peek() == JsonToken.STRING) {
                  unknownToken = reader.nextString();
                } else if (name.equals("unk_id") && reader.peek() == JsonToken.NUMBER) {
                  unknownId = reader.nextInt();
                } else if (name.equals("vocab")) {
                  readVocabulary(reader, pieces);
                } else {
                  reader.skipValue();
                }
              }
              reader.endObject();
            }
            default -> reader.skipValue();
          }
        }
        reader.endObject();
      } catch (IOException | IllegalStateException | NumberFormatException e) {
        throw new PolysemeException(
            file + " is not a tokenizer.json: " + firstLine(e.getMessage()), e);
      }
      if (pieces.isEmpty()) {
        throw new PolysemeException(
            file + " is not a tokenizer.json: it has no model with a vocabulary");
      }
      if (unknownToken != null) {
        unknownId = pieces.getOrDefault(unknownToken, -1);
      }
      int size = 1 + pieces.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
      return new Vocabulary(Map.copyOf(pieces), unknownId, size);
    }

    private static void readAdded(JsonReader reader, Map<String, Integer> pieces)
        throws IOException {
      if (reader.peek() != JsonToken.BEGIN_ARRAY) {
        reader.skipValue();
        return;
      }
      reader.beginArray();
      while (reader.hasNext()) {
        reader.beginObject();
        int id = -1;
        String content = null;
        while (reader.hasNext()) {
          switch (reader.nextName()) {
            case "id" -> id = reader.nextInt();
            case "content" -> content = reader.nextString();
            default -> reader.skipValue();
          }
        }
        reader.endObject();
        if (content != null && id >= 0) {
          pieces.put(content, id);
        }
      }
      reader.endArray();
    }

    /**
     * WordPiece and BPE map pieces to ids; Unigram lists pieces with scores, the id is the place.
     */
    private static void readVocabulary(JsonReader reader, Map<String, Integer> pieces)
        throws IOException {
      if (reader.peek() == JsonToken.BEGIN_OBJECT) {
        reader.beginObject();
        while (reader.hasNext()) {
          String piece = reader.nextName();
          pieces.put(piece, reader.nextInt());
        }
        reader.endObject();
      } else {
        reader.beginArray();
        for (int id = 0; reader.hasNext(); id++) {
          reader.beginArray();
          pieces.put(reader.nextString(), id);
          while (reader.hasNext()) {
            reader.skipValue();
          }
          reader.endArray();
        }
        reader.endArray();
      }
    }

    private static String firstLine(String message) {
      int end = message == null ? -1 : message.indexOf('\n');
      return end < 0 ? String.valueOf(message) : message.substring(0, end);
    }
  }
}
