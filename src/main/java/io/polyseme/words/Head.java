package io.polyseme.words;

import io.polyseme.PolysemeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first bytes of a file of word vectors tell.
 *
 * @param format what it is
 * @param start where the words begin, in unpacked bytes; 0 where the format's reader finds that
 * @param declaredWords how many words its header line says it has; -1 where it has none
 * @param dimension of the vectors; 0 where the format's reader finds that
 * @param entryBytes about how long an entry is; 0 where the format's reader finds that
 */
record Head(VectorFormat format, int start, long declaredWords, int dimension, int entryBytes) {
  /** The greatest dimension that is read: what a wrong header says is not believed beyond it. */
  static final int MOST_DIMENSIONS = 1 << 16;

  private static final String OURS = "PLYSWORD";
  private static final int LOOKED_AT = 100;
  private static final int LONGEST_HEADER = 64;

  /** Files that are often met where word vectors are wanted, by how they begin. */
  private enum Stranger {
    ZIP("504b0304", "a zip archive", "unpack it first"),
    BZIP2("425a68", "packed with bzip2", "unpack it first (bunzip2)"),
    XZ("fd377a585a00", "packed with xz", "unpack it first (unxz)"),
    GZIP("1f8b", "packed twice", "unpack it first (gunzip)"),
    ZSTD("28b52ffd", "packed twice", "unpack it first (zstd -d)"),
    NUMPY("934e554d5059", "an array of NumPy, without words", "save the words with the vectors"),
    PICKLE2("8002", "a pickle of Python", "save it with gensim's save_word2vec_format"),
    PICKLE3("8003", "a pickle of Python", "save it with gensim's save_word2vec_format"),
    PICKLE4("8004", "a pickle of Python", "save it with gensim's save_word2vec_format"),
    PICKLE5("8005", "a pickle of Python", "save it with gensim's save_word2vec_format");

    private final byte[] magic;
    private final String what;
    private final String remedy;

    Stranger(String magic, String what, String remedy) {
      this.magic = HexFormat.of().parseHex(magic);
      this.what = what;
      this.remedy = remedy;
    }
  }

  /**
   * Finds out what a file is.
   *
   * @param forced what it is said to be; null where that is to be found out
   * @throws PolysemeException if that cannot be found out or cannot be so
   */
  static Head of(VectorSource source, @Nullable VectorFormat forced) {
    byte[] h = source.head();
    if (h.length == 0) {
      throw new PolysemeException(source.file() + " is empty; fetch or make it again");
    }
    if (forced == null) {
      if (starts(h, OURS.getBytes(StandardCharsets.US_ASCII))) {
        return new Head(VectorFormat.POLYSEME, 0, -1, 0, 0);
      }
      if (FastTextReader.looksLikeModel(h)) {
        return new Head(VectorFormat.FASTTEXT, 0, -1, 0, 0);
      }
      for (Stranger stranger : Stranger.values()) {
        if (starts(h, stranger.magic)) {
          throw new PolysemeException(
              "%s is %s; %s".formatted(source.file(), stranger.what, stranger.remedy));
        }
      }
    } else if (forced == VectorFormat.FASTTEXT || forced == VectorFormat.POLYSEME) {
      return new Head(forced, 0, -1, 0, 0);
    }
    return new Finder(source, h).find(forced);
  }

  private static boolean starts(byte[] h, byte[] magic) {
    return h.length >= magic.length && Arrays.equals(h, 0, magic.length, magic, 0, magic.length);
  }

  /** Tells the formats that begin with text apart. */
  private static final class Finder {
    private final VectorSource source;
    private final byte[] h;
    private final int begin;

    Finder(VectorSource source, byte[] h) {
      this.source = source;
      this.h = h;
      // A byte order mark, as some editors put it before UTF-8.
      this.begin = starts(h, new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}) ? 3 : 0;
    }

    Head find(@Nullable VectorFormat forced) {
      int end = lineEnd(begin);
      long[] header = forced == VectorFormat.GLOVE ? null : header(end);
      if (header == null) {
        if (forced == VectorFormat.WORD2VEC_TEXT || forced == VectorFormat.WORD2VEC_BINARY) {
          throw new PolysemeException(
              ("%s does not begin with a line of two numbers, of words and dimensions, as %s does;"
                      + " text without that line is GLOVE")
                  .formatted(source.file(), forced));
        }
        return withoutHeader(forced);
      }
      long words = header[0];
      long dimension = header[1];
      if (words < 0 || dimension < 1 || dimension > MOST_DIMENSIONS) {
        throw new PolysemeException(
            "%s says it has %d words of %d dimensions; vectors of 1 to %d dimensions are read"
                .formatted(source.file(), words, dimension, MOST_DIMENSIONS));
      }
      int start = Math.min(end + 1, h.length);
      List<int[]> lines = lines(start);
      boolean text =
          forced == null
              ? lines.isEmpty() || looksLikeText(lines, (int) dimension)
              : forced == VectorFormat.WORD2VEC_TEXT;
      if (!text) {
        int entry = 4 * (int) dimension + 2;
        return new Head(VectorFormat.WORD2VEC_BINARY, start, words, (int) dimension, entry);
      }
      if (!lines.isEmpty() && !parses(lines, (int) dimension)) {
        throw new PolysemeException(
            ("%s says it has vectors of %d dimensions, and its first lines have %d numbers; correct"
                    + " its first line, or remove it and read the file as GLOVE")
                .formatted(source.file(), dimension, usual(lines)));
      }
      int entry = entryBytes(start, lines);
      return new Head(VectorFormat.WORD2VEC_TEXT, start, words, (int) dimension, entry);
    }

    private Head withoutHeader(@Nullable VectorFormat forced) {
      List<int[]> lines = lines(begin);
      int dimension = usual(lines);
      long so = lines.stream().filter(line -> numbers(line) == dimension).count();
      if (dimension < 1 || (forced == null && 2 * so <= lines.size())) {
        throw new PolysemeException(
            ("%s is in no format of word vectors that is read (word2vec text and binary, GloVe,"
                    + " fastText .vec and .bin, our own); it begins with the bytes %s")
                .formatted(
                    source.file(),
                    HexFormat.ofDelimiter(" ").formatHex(h, 0, Math.min(8, h.length))));
      }
      if (dimension > MOST_DIMENSIONS) {
        throw new PolysemeException(
            "%s has lines of %d numbers; vectors of 1 to %d dimensions are read"
                .formatted(source.file(), dimension, MOST_DIMENSIONS));
      }
      return new Head(VectorFormat.GLOVE, begin, -1, dimension, entryBytes(begin, lines));
    }

    /** Two whole numbers and nothing else: what the line says, or null. */
    private long @Nullable [] header(int end) {
      if (end - begin > LONGEST_HEADER) {
        return null;
      }
      String[] fields =
          new String(h, begin, end - begin, StandardCharsets.ISO_8859_1).strip().split("[ \t]+");
      if (fields.length != 2 || !fields[0].matches("-?\\d+") || !fields[1].matches("-?\\d+")) {
        return null;
      }
      try {
        return new long[] {Long.parseLong(fields[0]), Long.parseLong(fields[1])};
      } catch (NumberFormatException e) { // More than a long holds is no number of words.
        return new long[] {-1, -1};
      }
    }

    private int lineEnd(int from) {
      int end = from;
      while (end < h.length && h[end] != '\n') {
        end++;
      }
      return end;
    }

    /** The first lines that are whole, without empty ones: where each begins and ends. */
    private List<int[]> lines(int from) {
      var lines = new ArrayList<int[]>();
      for (int start = from; start < h.length && lines.size() < LOOKED_AT; ) {
        int end = lineEnd(start);
        if (end == h.length && h.length == VectorSource.HEAD && !lines.isEmpty()) {
          break; // It goes on beyond what was read.
        }
        int to = end;
        while (to > start && separates(h[to - 1])) {
          to--;
        }
        if (to > start) {
          lines.add(new int[] {start, to});
        }
        start = end + 1;
      }
      return lines;
    }

    /** How many numbers a line ends in, its first field apart. */
    private int numbers(int[] line) {
      byte[] bytes = Arrays.copyOf(Arrays.copyOfRange(h, line[0], line[1]), line[1] - line[0] + 1);
      bytes[bytes.length - 1] = '\n';
      int end = bytes.length - 1;
      int numbers = 0;
      while (true) {
        int from = end;
        while (from > 0 && !separates(bytes[from - 1])) {
          from--;
        }
        long number = FloatParser.parse(bytes, from);
        if (from == 0 || number == FloatParser.NO_NUMBER || FloatParser.end(number) != end) {
          return numbers;
        }
        numbers++;
        end = from;
        while (end > 0 && separates(bytes[end - 1])) {
          end--;
        }
      }
    }

    /** The number of numbers that most lines end in; the smaller of two that are as frequent. */
    private int usual(List<int[]> lines) {
      int[] sorted = lines.stream().mapToInt(this::numbers).sorted().toArray();
      int best = 0;
      int bestCount = 0;
      for (int i = 0; i < sorted.length; ) {
        int next = i;
        while (next < sorted.length && sorted[next] == sorted[i]) {
          next++;
        }
        if (next - i > bestCount) {
          best = sorted[i];
          bestCount = next - i;
        }
        i = next;
      }
      return best;
    }

    /** Binary data have lines too, by chance, but none that ends in numbers. */
    private boolean looksLikeText(List<int[]> lines, int dimension) {
      for (int[] line : lines) {
        int numbers = numbers(line);
        if (numbers >= 2 || numbers == dimension) {
          return true;
        }
      }
      return false;
    }

    /** Whether any of these lines has a vector of this dimension. */
    private boolean parses(List<int[]> lines, int dimension) {
      ReadOptions lenient = ReadOptions.DEFAULT.withStrictness(ReadOptions.Strictness.LENIENT);
      for (int[] line : lines) {
        int length = line[1] - line[0];
        var chunk = new TextChunk(dimension, length + 1, lenient);
        System.arraycopy(h, line[0], chunk.bytes(), 0, length);
        chunk.bytes()[length] = '\n';
        chunk.setLength(length + 1);
        if (chunk.parse(1).batch().wellFormed()) {
          return true;
        }
      }
      return false;
    }

    private static int entryBytes(int start, List<int[]> lines) {
      return lines.isEmpty() ? 0 : (lines.getLast()[1] - start) / lines.size() + 1;
    }

    private static boolean separates(byte b) {
      return b == ' ' || b == '\t' || b == '\r';
    }
  }
}
