package io.polyseme.encoder;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A Hugging Face {@code tokenizer.json}, asked for whole texts: never truncated, never padded,
 * whatever the file says. Thread-safe.
 */
final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final TokenizerFile file;
  private final @Nullable PlainWordPiece wordPiece;
  private final int[] prefix;
  private final int[] suffix;
  private volatile @Nullable Frame single;
  private volatile @Nullable Frame pair;

  /** A token that stands for no part of a text. */
  record Special(int id, int type, String piece) {}

  /**
   * What stands around one text or several.
   *
   * @param specials before each text, and after the last
   * @param types of the tokens of each text
   */
  record Frame(List<List<Special>> specials, List<Integer> types) {
    int count() {
      return specials.stream().mapToInt(List::size).sum();
    }
  }

  private Tokenizer(HuggingFaceTokenizer tokenizer, TokenizerFile file, Path path) {
    this.tokenizer = tokenizer;
    this.file = file;
    this.wordPiece = file.wordPiece() == null ? null : new PlainWordPiece(file.wordPiece());
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
          "the tokenizer " + path + " makes nothing but special tokens of the text \"a\"");
    }
    this.prefix = toInts(Arrays.copyOfRange(one.getIds(), 0, first));
    this.suffix = toInts(Arrays.copyOfRange(one.getIds(), last, mask.length));
  }

  static Tokenizer open(Path path) {
    NativeLibraries.prepareTokenizers();
    TokenizerFile file = TokenizerFile.read(path);
    try {
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(path)
              .optTruncation(false)
              .optPadding(false)
              .optAddSpecialTokens(false)
              .build();
      try {
        return new Tokenizer(tokenizer, file, path);
      } catch (RuntimeException e) {
        tokenizer.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PolysemeException("cannot read the tokenizer " + path + ": " + e.getMessage(), e);
    } catch (PolysemeException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new PolysemeException(
          path + " is not a tokenizer.json that can be used: " + e.getMessage(), e);
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

  /**
   * What stands around texts that are given together.
   *
   * @param texts 1 or 2
   */
  Frame frame(int texts) {
    Frame known = texts == 1 ? single : pair;
    if (known != null) {
      return known;
    }
    if (texts == 1) {
      known = framed(tokenizer.encode("a", true, false), 1);
      single = known;
    } else {
      known = framed(tokenizer.encode("a", "a", true, false), 2);
      pair = known;
    }
    return known;
  }

  private static Frame framed(Encoding encoding, int texts) {
    var specials = new ArrayList<List<Special>>();
    var types = new ArrayList<Integer>();
    long[] mask = encoding.getSpecialTokenMask();
    specials.add(new ArrayList<>());
    for (int i = 0; i < mask.length; i++) {
      int type = Math.toIntExact(encoding.getTypeIds()[i]);
      if (mask[i] == 1) {
        specials
            .getLast()
            .add(new Special(Math.toIntExact(encoding.getIds()[i]), type, encoding.getTokens()[i]));
      } else if (types.size() < specials.size()) {
        types.add(type);
        if (i + 1 == mask.length || mask[i + 1] == 1) {
          specials.add(new ArrayList<>());
        }
      } else if (i + 1 == mask.length || mask[i + 1] == 1) {
        specials.add(new ArrayList<>());
      }
    }
    if (types.size() != texts) {
      throw new PolysemeException("the tokenizer does not say how a pair of texts is given");
    }
    return new Frame(specials, types);
  }

  Vocabulary vocabulary() {
    return file.vocabulary();
  }

  /** The text that a piece stands for. */
  String decode(int id) {
    return tokenizer.decode(new long[] {id}, false);
  }

  /** The id of the padding token; empty where the tokenizer's file names none. */
  OptionalInt padding() {
    return file.padding();
  }

  /**
   * The tokens of a text.
   *
   * @param text well-formed UTF-16
   */
  Tokens tokenize(String text) {
    Tokens plain = wordPiece == null ? null : wordPiece.tokenize(text);
    return plain == null ? fully(text) : plain;
  }

  /** The tokens as the tokenizer itself makes them. */
  Tokens fully(String text) {
    int[] places = file.spans().given(text);
    String given = places == null ? text : only(text, places);
    Encoding encoding = tokenizer.encode(given, false, false);
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
      if (ids[i] == file.vocabulary().unknownId()) {
        unknown++;
      }
    }
    toUtf16(given, starts, ends);
    if (places != null) {
      for (int i = 0; i < count; i++) {
        boolean empty = starts[i] == ends[i];
        starts[i] = starts[i] == places.length ? text.length() : places[starts[i]];
        ends[i] = empty ? starts[i] : places[ends[i] - 1] + 1;
      }
    }
    String[] pieces = encoding.getTokens();
    file.spans().mend(text, pieces, starts, ends);
    return new Tokens(toInts(ids), starts, ends, pieces, unknown);
  }

  private static String only(String text, int[] places) {
    var chars = new char[places.length];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = text.charAt(places[i]);
    }
    return new String(chars);
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
  record Vocabulary(Map<String, Integer> pieces, int unknownId, int size) {}
}
