package io.polyseme.encoder;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.BreakIterator;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Small tokenizers of the kinds that models other than BERT have, their {@code tokenizer.json}
 * written as the tools of those models write it.
 *
 * @param json the file
 * @param normal what the normaliser makes of a part of a text, by a rule of this test's own
 */
public record MadeUpTokenizer(String name, String json, UnaryOperator<String> normal) {
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();
  private static final Pattern MARK = Pattern.compile("\\p{M}");
  private static final List<String> WORDS =
      List.of("hello", "world", "the", "bank", "你好", "银行", "的", "é", "한", "un", "able", "ing");

  @Override
  public String toString() {
    return name;
  }

  public Path write(Path folder) throws IOException {
    return Files.writeString(folder.resolve("tokenizer.json"), json);
  }

  public static List<MadeUpTokenizer> all() {
    return List.of(
        roberta(true, false),
        roberta(true, true),
        roberta(false, false),
        roberta(false, true),
        qwen(false),
        qwen(true),
        xlmRoberta(),
        newXlmRoberta(),
        unigram("nfkc", Map.of("type", "NFKC"), "first", false, text -> nfkc(text)),
        unigram("plain", null, "never", false, UnaryOperator.identity()),
        unigram("bytes", null, "always", true, UnaryOperator.identity()),
        albert(),
        llama());
  }

  // ---- byte-level BPE -----------------------------------------------------------------------

  /** RoBERTa's and GPT-2's: every byte is a character, a space before a word is Ġ. */
  static MadeUpTokenizer roberta(boolean trim, boolean prefixSpace) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    List<Map<String, Object>> added = added(vocabulary, "<s>", "<pad>", "</s>", "<unk>", "<mask>");
    Map<String, Object> model = bytePairs(vocabulary, false);
    return new MadeUpTokenizer(
        "roberta, trim " + trim + ", prefix " + prefixSpace,
        json(
            added,
            null,
            byteLevel(prefixSpace, true, true),
            Map.of(
                "type",
                "RobertaProcessing",
                "sep",
                List.of("</s>", vocabulary.get("</s>")),
                "cls",
                List.of("<s>", vocabulary.get("<s>")),
                "trim_offsets",
                trim,
                "add_prefix_space",
                prefixSpace),
            model),
        UnaryOperator.identity());
  }

  /** Qwen's: NFC, words by a pattern, the end of the text appended. */
  static MadeUpTokenizer qwen(boolean ignoreMerges) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    List<Map<String, Object>> added = added(vocabulary, "<|endoftext|>");
    Map<String, Object> model = bytePairs(vocabulary, ignoreMerges);
    String words =
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    return new MadeUpTokenizer(
        "qwen, ignoring merges " + ignoreMerges,
        json(
            added,
            Map.of("type", "NFC"),
            sequence(
                "pretokenizers",
                List.of(
                    Map.of(
                        "type",
                        "Split",
                        "pattern",
                        Map.of("Regex", words),
                        "behavior",
                        "Isolated",
                        "invert",
                        false),
                    byteLevel(false, false, false))),
            sequence(
                "processors",
                List.of(
                    byteLevel(false, false, false),
                    template(
                        List.of(sequence(), special("<|endoftext|>")),
                        Map.of("<|endoftext|>", vocabulary.get("<|endoftext|>"))))),
            model),
        text -> Normalizer.normalize(text, Normalizer.Form.NFC));
  }

  private static Map<String, Object> byteLevel(boolean prefix, boolean trim, boolean pattern) {
    return Map.of(
        "type", "ByteLevel",
        "add_prefix_space", prefix,
        "trim_offsets", trim,
        "use_regex", pattern);
  }

  private static Map<String, Object> bytePairs(
      Map<String, Integer> vocabulary, boolean ignoreMerges) {
    for (int b = 0; b < 256; b++) {
      vocabulary.putIfAbsent(String.valueOf(byteCharacter(b)), vocabulary.size());
    }
    Set<List<String>> merges = new LinkedHashSet<>();
    for (String word : WORDS) {
      for (String form : List.of(" " + word, word)) {
        var written = new StringBuilder();
        for (byte b : form.getBytes(StandardCharsets.UTF_8)) {
          written.append(byteCharacter(b & 0xff));
        }
        merge(written.toString(), vocabulary, merges);
      }
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", null);
    model.put("continuing_subword_prefix", "");
    model.put("end_of_word_suffix", "");
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", ignoreMerges);
    model.put("vocab", vocabulary);
    model.put("merges", List.copyOf(merges));
    return model;
  }

  private static void merge(
      String word, Map<String, Integer> vocabulary, Set<List<String>> merges) {
    int[] points = word.codePoints().toArray();
    String whole = Character.toString(points[0]);
    for (int i = 1; i < points.length; i++) {
      String next = Character.toString(points[i]);
      merges.add(List.of(whole, next));
      whole += next;
      vocabulary.putIfAbsent(whole, vocabulary.size());
    }
  }

  /**
   * GPT-2's way to write a byte: those of printable Latin-1 as they are, the others from U+0100 on.
   */
  static char byteCharacter(int b) {
    if (isPrintable(b)) {
      return (char) b;
    }
    return (char) (0x100 + IntStream.range(0, b).filter(c -> !isPrintable(c)).count());
  }

  private static boolean isPrintable(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
  }

  // ---- SentencePiece --------------------------------------------------------------------------

  private static MadeUpTokenizer xlmRoberta() {
    Charsmap map = Charsmap.LIKE_NFKC;
    return sentencePiece(
        "xlm-roberta",
        precompiled(map),
        sequence("pretokenizers", List.of(Map.of("type", "WhitespaceSplit"), metaspace("always"))),
        false,
        map::apply);
  }

  private static MadeUpTokenizer newXlmRoberta() {
    Charsmap map = Charsmap.LIKE_NFKC;
    return sentencePiece(
        "xlm-roberta, converted by newer tools",
        sequence(
            "normalizers",
            List.of(
                precompiled(map),
                Map.of("type", "Replace", "pattern", Map.of("Regex", " {2,}"), "content", " "))),
        metaspace("always"),
        false,
        text -> map.apply(text).replaceAll(" {2,}", " "));
  }

  static MadeUpTokenizer unigram(
      String name,
      Map<String, Object> normalizer,
      String prepend,
      boolean bytes,
      UnaryOperator<String> normal) {
    return sentencePiece("unigram " + name, normalizer, metaspace(prepend), bytes, normal);
  }

  private static MadeUpTokenizer albert() {
    Charsmap map = Charsmap.LIKE_NFKC;
    return sentencePiece(
        "albert",
        sequence(
            "normalizers",
            List.of(
                Map.of("type", "Replace", "pattern", Map.of("String", "``"), "content", "\""),
                Map.of("type", "NFKD"),
                Map.of("type", "StripAccents"),
                Map.of("type", "Lowercase"),
                precompiled(map))),
        metaspace("always"),
        false,
        text ->
            map.apply(
                Normalizer.normalize(text.replace("``", "\""), Normalizer.Form.NFKD)
                    .codePoints()
                    .filter(c -> !MARK.matcher(Character.toString(c)).matches())
                    .mapToObj(c -> Character.toString(c).toLowerCase(Locale.ROOT))
                    .reduce("", String::concat)));
  }

  private static String nfkc(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC);
  }

  private static MadeUpTokenizer sentencePiece(
      String name,
      Map<String, Object> normalizer,
      Map<String, Object> preTokenizer,
      boolean bytes,
      UnaryOperator<String> normal) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    List<Map<String, Object>> added = added(vocabulary, "<s>", "<pad>", "</s>", "<unk>");
    List<List<Object>> scored = new ArrayList<>();
    vocabulary.keySet().forEach(special -> scored.add(List.of(special, 0.0)));
    Map<String, Double> pieces = new LinkedHashMap<>();
    pieces.put("▁", -3.0);
    WORDS.forEach(word -> pieces.put(word, -4.0));
    WORDS.stream().filter(word -> word.charAt(0) < 128).forEach(w -> pieces.put("▁" + w, -2.0));
    characters().forEach(character -> pieces.putIfAbsent(character, -6.0));
    if (bytes) {
      for (int b = 0; b < 256; b++) {
        pieces.put("<0x%02X>".formatted(b), -12.0);
      }
    }
    pieces.forEach((piece, score) -> scored.add(List.of(piece, score)));
    return new MadeUpTokenizer(
        name,
        json(
            added,
            normalizer,
            preTokenizer,
            template(
                List.of(special("<s>"), sequence(), special("</s>")), Map.of("<s>", 0, "</s>", 2)),
            Map.of("type", "Unigram", "unk_id", 3, "vocab", scored, "byte_fallback", bytes)),
        normal);
  }

  /** Llama's and Mistral's: BPE over characters, those it does not know in bytes. */
  static MadeUpTokenizer llama() {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    List<Map<String, Object>> added = added(vocabulary, "<unk>", "<s>", "</s>");
    for (int b = 0; b < 256; b++) {
      vocabulary.put("<0x%02X>".formatted(b), vocabulary.size());
    }
    vocabulary.put("▁", vocabulary.size());
    characters().forEach(character -> vocabulary.putIfAbsent(character, vocabulary.size()));
    Set<List<String>> merges = new LinkedHashSet<>();
    WORDS.forEach(word -> merge("▁" + word, vocabulary, merges));
    merge("▁▁", vocabulary, merges);
    merge("你好", vocabulary, merges);
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", "<unk>");
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", true);
    model.put("byte_fallback", true);
    model.put("vocab", vocabulary);
    model.put("merges", List.copyOf(merges));
    return new MadeUpTokenizer(
        "llama",
        json(
            added,
            sequence(
                "normalizers",
                List.of(
                    Map.of("type", "Prepend", "prepend", "▁"),
                    Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", "▁"))),
            null,
            template(List.of(special("<s>"), sequence()), Map.of("<s>", 1)),
            model),
        UnaryOperator.identity());
  }

  private static List<String> characters() {
    String others =
        "éèïüñçабвгдёжйÉßſ银行最大的你好河边ひらがなガ한국글\u1112\u1161\u11ab\u0301\u0308שלוםمرحبا。…①½ﬁ日";
    return IntStream.concat(IntStream.range('!', 127), others.codePoints())
        .mapToObj(Character::toString)
        .distinct()
        .toList();
  }

  private static Map<String, Object> metaspace(String prepend) {
    return Map.of(
        "type", "Metaspace", "replacement", "▁", "prepend_scheme", prepend, "split", true);
  }

  private static Map<String, Object> precompiled(Charsmap map) {
    return Map.of("type", "Precompiled", "precompiled_charsmap", map.encoded());
  }

  // ---- the file -------------------------------------------------------------------------------

  private static String json(
      List<Map<String, Object>> added,
      Map<String, Object> normalizer,
      Map<String, Object> preTokenizer,
      Map<String, Object> postProcessor,
      Map<String, Object> model) {
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("version", "1.0");
    file.put("truncation", null);
    file.put("padding", null);
    file.put("added_tokens", added);
    file.put("normalizer", normalizer);
    file.put("pre_tokenizer", preTokenizer);
    file.put("post_processor", postProcessor);
    file.put("decoder", null);
    file.put("model", model);
    return GSON.toJson(file);
  }

  private static List<Map<String, Object>> added(
      Map<String, Integer> vocabulary, String... specials) {
    var added = new ArrayList<Map<String, Object>>();
    for (String special : specials) {
      vocabulary.put(special, vocabulary.size());
      added.add(
          Map.of(
              "id", vocabulary.get(special),
              "content", special,
              "single_word", false,
              "lstrip", false,
              "rstrip", false,
              "normalized", false,
              "special", true));
    }
    return added;
  }

  private static Map<String, Object> sequence(String parts, List<Map<String, Object>> steps) {
    return Map.of("type", "Sequence", parts, steps);
  }

  private static Map<String, Object> sequence() {
    return Map.of("Sequence", Map.of("id", "A", "type_id", 0));
  }

  private static Map<String, Object> special(String token) {
    return Map.of("SpecialToken", Map.of("id", token, "type_id", 0));
  }

  private static Map<String, Object> template(
      List<Map<String, Object>> single, Map<String, Integer> ids) {
    Map<String, Object> specials = new TreeMap<>();
    ids.forEach(
        (token, id) ->
            specials.put(token, Map.of("id", token, "ids", List.of(id), "tokens", List.of(token))));
    return Map.of(
        "type",
        "TemplateProcessing",
        "single",
        single,
        "pair",
        List.of(sequence(), Map.of("Sequence", Map.of("id", "B", "type_id", 1))),
        "special_tokens",
        specials);
  }

  /**
   * A map of short strings as SentencePiece compiles it into its models: the size of a double-array
   * trie in bytes, its units, then the values, each ended by a zero byte.
   */
  record Charsmap(Map<String, String> map, String encoded) {
    Charsmap(Map<String, String> map) {
      this(map, encode(map));
    }

    /** Most of what SentencePiece's own rule "nmt_nfkc" does. */
    static final Charsmap LIKE_NFKC = likeNfkc();

    private static Charsmap likeNfkc() {
      Map<String, String> map = new TreeMap<>();
      int[][] ranges = {{0x20, 0x3400}, {0xf900, 0xfb00}, {0xfb00, 0xfb07}, {0xff00, 0xfff0}};
      for (int[] range : ranges) {
        for (int c = range[0]; c < range[1]; c++) {
          String one = Character.toString(c);
          String normal = nfkc(one);
          if (!normal.equals(one)) {
            map.put(one, normal);
          }
        }
      }
      for (String control :
          "\1\2\3\4\5\6\7\b\u000b\u000e\u001b\u007f\u200b\u200e\ufeff".split("")) {
        map.put(control, "");
      }
      for (String white : "\t\n\r\f\u0085\u00a0\u1680\u2003\u2028\u202f\u205f\u3000".split("")) {
        map.put(white, " ");
      }
      for (String letter : "aeiouncAEIOUNC".split("")) {
        for (String mark : "\u0300\u0301\u0302\u0303\u0308\u0327".split("")) {
          String composed = nfkc(letter + mark);
          if (composed.length() == 1) {
            map.put(letter + mark, composed);
          }
        }
      }
      return new Charsmap(map);
    }

    /**
     * As Hugging Face applies it: to a grapheme cluster of fewer than six bytes as a whole, by the
     * shortest key that it begins with; otherwise character by character.
     */
    String apply(String text) {
      var result = new StringBuilder();
      BreakIterator clusters = BreakIterator.getCharacterInstance(Locale.ROOT);
      clusters.setText(text);
      int start = clusters.first();
      for (int end = clusters.next(); end != BreakIterator.DONE; end = clusters.next()) {
        String cluster = text.substring(start, end);
        String whole = cluster.getBytes(StandardCharsets.UTF_8).length < 6 ? begin(cluster) : null;
        if (whole != null) {
          result.append(whole);
        } else {
          cluster
              .codePoints()
              .mapToObj(Character::toString)
              .forEach(c -> result.append(map.getOrDefault(c, c)));
        }
        start = end;
      }
      return result.toString();
    }

    private String begin(String cluster) {
      return IntStream.rangeClosed(1, cluster.length())
          .mapToObj(length -> cluster.substring(0, length))
          .filter(map::containsKey)
          .findFirst()
          .map(map::get)
          .orElse(null);
    }

    private static final class Node {
      final Map<Integer, Node> children = new TreeMap<>();
      int value = -1;
    }

    private static String encode(Map<String, String> map) {
      var root = new Node();
      var values = new ByteArrayOutputStream();
      map.forEach(
          (key, value) -> {
            Node node = root;
            for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
              node = node.children.computeIfAbsent(b & 0xff, _ -> new Node());
            }
            node.value = values.size();
            values.writeBytes(value.getBytes(StandardCharsets.UTF_8));
            values.write(0);
          });
      var trie = new DoubleArray();
      trie.place(0, root);
      ByteBuffer bytes =
          ByteBuffer.allocate(4 + 4 * trie.size() + values.size()).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putInt(4 * trie.size());
      Arrays.stream(trie.units, 0, trie.size()).forEach(bytes::putInt);
      bytes.put(values.toByteArray());
      return Base64.getEncoder().encodeToString(bytes.array());
    }

    /** The units of darts-clone: a label in the low byte, a leaf's flag, the offset of children. */
    private static final class DoubleArray {
      int[] units = new int[1 << 16];
      private final BitSet used = new BitSet();
      private final BitSet bases = new BitSet();
      private int free = 1;

      DoubleArray() {
        used.set(0);
      }

      int size() {
        return (used.length() + 255) & ~255;
      }

      void place(int position, Node node) {
        var labels = new ArrayList<>(node.children.keySet());
        if (node.value >= 0) {
          labels.addFirst(0);
        }
        if (labels.isEmpty()) {
          return;
        }
        free = used.nextClearBit(free);
        int base = free;
        while (bases.get(base) || !fits(base, labels)) {
          base++;
        }
        bases.set(base);
        for (int label : labels) {
          used.set(base ^ label);
          units = Arrays.copyOf(units, Math.max(units.length, 2 * (base | 255)));
          units[base ^ label] = label == 0 ? 1 << 31 | node.value : label;
        }
        units[position] |= (position ^ base) << 10 | (node.value >= 0 ? 1 << 8 : 0);
        int children = base;
        node.children.forEach((label, child) -> place(children ^ label, child));
      }

      private boolean fits(int base, List<Integer> labels) {
        return labels.stream().noneMatch(label -> used.get(base ^ label));
      }
    }
  }
}
