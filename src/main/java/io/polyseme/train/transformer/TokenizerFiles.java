package io.polyseme.train.transformer;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import io.polyseme.PolysemeException;
import io.polyseme.WholeFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes BERT's tokenizer as Hugging Face's libraries read it. */
final class TokenizerFiles {
  private static final String UNKNOWN = "[UNK]";
  private static final String FIRST = "[CLS]";
  private static final String SEPARATOR = "[SEP]";

  private TokenizerFiles() {}

  static void write(Path folder, List<String> pieces, boolean lowerCase) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new PolysemeException("the folder %s cannot be made: %s".formatted(folder, e), e);
    }
    WholeFile.write(
        folder.resolve("vocab.txt"),
        out -> out.write((String.join("\n", pieces) + "\n").getBytes(StandardCharsets.UTF_8)));
    writeJson(folder.resolve("tokenizer_config.json"), json -> config(json, lowerCase));
    // Last: what looks for a tokenizer looks for this one.
    writeJson(folder.resolve("tokenizer.json"), json -> tokenizer(json, pieces, lowerCase));
  }

  @FunctionalInterface
  private interface Content {
    void writeTo(JsonWriter json) throws IOException;
  }

  private static void writeJson(Path file, Content content) {
    WholeFile.write(file, out -> writeJson(out, content));
  }

  private static void writeJson(OutputStream out, Content content) throws IOException {
    var json = new JsonWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    json.setFormattingStyle(FormattingStyle.PRETTY);
    json.beginObject();
    content.writeTo(json);
    json.endObject();
    json.flush();
  }

  /** Without it Python's library would set every text in lower case. */
  private static void config(JsonWriter json, boolean lowerCase) throws IOException {
    json.name("tokenizer_class").value("BertTokenizer");
    json.name("do_lower_case").value(lowerCase);
    json.name("strip_accents").value(false);
    json.name("tokenize_chinese_chars").value(true);
    json.name("pad_token").value("[PAD]");
    json.name("unk_token").value(UNKNOWN);
    json.name("cls_token").value(FIRST);
    json.name("sep_token").value(SEPARATOR);
    json.name("mask_token").value("[MASK]");
  }

  private static void tokenizer(JsonWriter json, List<String> pieces, boolean lowerCase)
      throws IOException {
    json.name("version").value("1.0");
    json.name("truncation").nullValue();
    json.name("padding").nullValue();
    json.name("added_tokens").beginArray();
    for (String token : BertWords.SPECIAL) {
      json.beginObject();
      json.name("id").value(BertWords.SPECIAL.indexOf(token));
      json.name("content").value(token);
      for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        json.name(no).value(false);
      }
      json.name("special").value(true);
      json.endObject();
    }
    json.endArray();
    json.name("normalizer").beginObject();
    json.name("type").value("BertNormalizer");
    json.name("clean_text").value(true);
    json.name("handle_chinese_chars").value(true);
    json.name("strip_accents").value(false);
    json.name("lowercase").value(lowerCase);
    json.endObject();
    json.name("pre_tokenizer").beginObject();
    json.name("type").value("BertPreTokenizer");
    json.endObject();
    json.name("post_processor").beginObject();
    template(json);
    json.endObject();
    json.name("decoder").beginObject();
    json.name("type").value("WordPiece");
    json.name("prefix").value(WordPieceTrainer.CONTINUING);
    json.name("cleanup").value(true);
    json.endObject();
    json.name("model").beginObject();
    json.name("type").value("WordPiece");
    json.name("unk_token").value(UNKNOWN);
    json.name("continuing_subword_prefix").value(WordPieceTrainer.CONTINUING);
    json.name("max_input_chars_per_word").value(CountedWords.LONGEST);
    json.name("vocab").beginObject();
    for (int id = 0; id < pieces.size(); id++) {
      json.name(pieces.get(id)).value(id);
    }
    json.endObject();
    json.endObject();
  }

  /** [CLS] A [SEP], and [CLS] A [SEP] B [SEP] with the types 0 and 1. */
  private static void template(JsonWriter json) throws IOException {
    json.name("type").value("TemplateProcessing");
    json.name("single").beginArray();
    part(json, "SpecialToken", FIRST, 0);
    part(json, "Sequence", "A", 0);
    part(json, "SpecialToken", SEPARATOR, 0);
    json.endArray();
    json.name("pair").beginArray();
    part(json, "SpecialToken", FIRST, 0);
    part(json, "Sequence", "A", 0);
    part(json, "SpecialToken", SEPARATOR, 0);
    part(json, "Sequence", "B", 1);
    part(json, "SpecialToken", SEPARATOR, 1);
    json.endArray();
    json.name("special_tokens").beginObject();
    for (String token : List.of(FIRST, SEPARATOR)) {
      json.name(token).beginObject();
      json.name("id").value(token);
      json.name("ids").beginArray().value(BertWords.SPECIAL.indexOf(token)).endArray();
      json.name("tokens").beginArray().value(token).endArray();
      json.endObject();
    }
    json.endObject();
  }

  private static void part(JsonWriter json, String kind, String id, int type) throws IOException {
    json.beginObject().name(kind).beginObject();
    json.name("id").value(id);
    json.name("type_id").value(type);
    json.endObject().endObject();
  }
}
