package io.polyseme.encoder;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code tokenizer.json} says, as far as it is needed beside the tokenizer itself.
 *
 * @param padding the id of the padding token, by the file's padding section or one of its usual
 *     names; empty where there is none
 * @param spans how the tokenizer's offsets are to be read
 * @param wordPiece how plain texts may be cut without the tokenizer; null where it is not BERT's
 */
record TokenizerFile(
    Vocabulary vocabulary,
    OptionalInt padding,
    TokenSpans spans,
    PlainWordPiece.@Nullable Rules wordPiece) {
  private static final List<String> PADDING =
      List.of("[PAD]", "<pad>", "<|padding|>", "<|pad|>", "<PAD>");

  /** Reads a file as a stream: vocabularies have hundreds of thousands of pieces. */
  static TokenizerFile read(Path file) {
    var pieces = new HashMap<String, Integer>(1 << 16);
    String unknownToken = null;
    int unknownId = -1;
    var model = new JsonObject(); // but for its vocabulary
    var added = new StringBuilder();
    JsonElement padding = null;
    JsonElement normalizer = null;
    JsonElement preTokenizer = null;
    try (var reader = new JsonReader(Files.newBufferedReader(file))) {
      reader.beginObject();
      while (reader.hasNext()) {
        switch (reader.nextName()) {
          case "added_tokens" -> readAdded(reader, pieces, added);
          case "padding" -> padding = JsonParser.parseReader(reader);
          case "normalizer" -> normalizer = JsonParser.parseReader(reader);
          case "pre_tokenizer" -> preTokenizer = JsonParser.parseReader(reader);
          case "model" -> {
            if (reader.peek() != JsonToken.BEGIN_OBJECT) {
              reader.skipValue();
              continue;
            }
            reader.beginObject();
            while (reader.hasNext()) {
              String name = reader.nextName();
              if (List.of("type", "continuing_subword_prefix", "max_input_chars_per_word")
                  .contains(name)) {
                model.add(name, JsonParser.parseReader(reader));
              } else if (name.equals("unk_token") && reader.peek() == JsonToken.STRING) {
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
    } catch (IOException | IllegalStateException | NumberFormatException | JsonParseException e) {
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
    return new TokenizerFile(
        new Vocabulary(Map.copyOf(pieces), unknownId, size),
        padding(padding, pieces),
        spans(normalizer, preTokenizer),
        unknownToken == null || unknownId < 0
            ? null
            : wordPiece(model, normalizer, preTokenizer, pieces, unknownToken, added.toString()));
  }

  private static PlainWordPiece.@Nullable Rules wordPiece(
      JsonObject model,
      @Nullable JsonElement normalizer,
      @Nullable JsonElement preTokenizer,
      Map<String, Integer> pieces,
      String unknown,
      String added) {
    if (!(normalizer instanceof JsonObject rules)
        || !(preTokenizer instanceof JsonObject cut)
        || !type(rules).equals("BertNormalizer")
        || !type(cut).equals("BertPreTokenizer")
        || !type(model).equals("WordPiece")
        || !isTrue(rules, "clean_text")
        || !isTrue(rules, "handle_chinese_chars")
        || !rules.has("lowercase")
        || !(model.get("continuing_subword_prefix") instanceof JsonPrimitive prefix)
        || prefix.getAsString().isEmpty()
        || !(model.get("max_input_chars_per_word") instanceof JsonPrimitive longest)
        || !longest.isNumber()) {
      return null;
    }
    return new PlainWordPiece.Rules(
        pieces,
        unknown,
        prefix.getAsString(),
        longest.getAsInt(),
        isTrue(rules, "lowercase"),
        added);
  }

  private static boolean isTrue(JsonObject object, String name) {
    return object.get(name) instanceof JsonPrimitive value
        && value.isBoolean()
        && value.getAsBoolean();
  }

  private static OptionalInt padding(@Nullable JsonElement section, Map<String, Integer> pieces) {
    if (section instanceof JsonObject object
        && object.has("pad_id")
        && object.get("pad_id").isJsonPrimitive()
        && object.get("pad_id").getAsJsonPrimitive().isNumber()) {
      return OptionalInt.of(object.get("pad_id").getAsInt());
    }
    return PADDING.stream().filter(pieces::containsKey).mapToInt(pieces::get).findFirst();
  }

  private static TokenSpans spans(
      @Nullable JsonElement normalizer, @Nullable JsonElement preTokenizer) {
    Set<String> types = new HashSet<>();
    List<String> replaced = new ArrayList<>();
    Charsmap charsmap = null;
    for (JsonObject step : steps(normalizer)) {
      collect(step, types, replaced);
      if (step.has("precompiled_charsmap") && step.get("precompiled_charsmap").isJsonPrimitive()) {
        charsmap = Charsmap.decode(step.get("precompiled_charsmap").getAsString());
      }
    }
    TokenSpans.Composing composing =
        types.contains("NFKC") || types.contains("Precompiled")
            ? TokenSpans.Composing.COMPATIBILITY
            : types.contains("NFC") ? TokenSpans.Composing.CANONICAL : TokenSpans.Composing.NONE;
    boolean bytes = steps(preTokenizer).stream().anyMatch(step -> type(step).equals("ByteLevel"));
    return new TokenSpans(bytes, composing, List.copyOf(replaced), charsmap);
  }

  private static void collect(JsonObject step, Set<String> types, List<String> replaced) {
    types.add(type(step));
    if (type(step).equals("Replace")
        && step.get("pattern") instanceof JsonObject pattern
        && pattern.has("String")) {
      String text = pattern.get("String").getAsString();
      if (text.length() > 1) {
        replaced.add(text);
      }
    }
  }

  private static String type(JsonObject step) {
    return step.has("type") ? step.get("type").getAsString() : "";
  }

  /** The single steps of a normalizer or pre-tokenizer, those inside sequences included. */
  private static List<JsonObject> steps(@Nullable JsonElement part) {
    if (!(part instanceof JsonObject object)) {
      return List.of();
    }
    for (String inner : List.of("normalizers", "pretokenizers")) {
      if (object.get(inner) instanceof JsonArray array) {
        return array.asList().stream().flatMap(step -> steps(step).stream()).toList();
      }
    }
    return List.of(object);
  }

  private static void readAdded(
      JsonReader reader, Map<String, Integer> pieces, StringBuilder firstCharacters)
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
        if (!content.isEmpty()) {
          // A token may be looked for after the normaliser, in lower case.
          char first = content.charAt(0);
          firstCharacters
              .append(first)
              .append(Character.toLowerCase(first))
              .append(Character.toUpperCase(first));
        }
      }
    }
    reader.endArray();
  }

  /** WordPiece and BPE map pieces to ids; Unigram lists pieces with scores, the id is the place. */
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
