package io.polyseme.train.transformer;

import com.carrotsearch.hppc.IntHashSet;
import com.carrotsearch.hppc.IntIntHashMap;
import com.carrotsearch.hppc.IntLongHashMap;
import com.carrotsearch.hppc.ObjectLongHashMap;
import com.carrotsearch.hppc.cursors.IntLongCursor;
import com.carrotsearch.hppc.cursors.ObjectLongCursor;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Learns a WordPiece vocabulary from raw text of any script: byte-pair merges (Sennrich et al.,
 * "Neural Machine Translation of Rare Words with Subword Units" (2016)) over the counts of words,
 * written with {@code ##} for what continues a word (Schuster and Nakajima, "Japanese and Korean
 * Voice Search" (2012)), as Hugging Face's trainer does.
 *
 * <p>Ids are those of the special tokens {@code [PAD]}, {@code [UNK]}, {@code [CLS]}, {@code
 * [SEP]}, {@code [MASK]}, then of the alphabet by code point, then of the alphabet's characters
 * that continue words, then of the merges in their order. Merged is the most frequent pair; of
 * those that are as frequent the one whose left piece has the smaller id, then whose right piece
 * has. Characters that are as frequent are kept in the order of their code points. So the pieces
 * depend on the words and their counts alone, not on the order of the texts.
 *
 * <p>Words that the tokenizer would take for unknown, because they have more than 100 characters or
 * one that is not in the alphabet, tell nothing of how pieces are joined and are left out of it.
 *
 * <p>Memory grows with the different words, not with the text. For one thread.
 */
public final class WordPieceTrainer {
  static final String CONTINUING = "##";

  private static final int WORDS_BETWEEN_CHECKS = 1 << 14;

  private final Options options;
  private final BertWords reader;
  private final ObjectLongHashMap<String> counts = new ObjectLongHashMap<>();

  /** Of the words that are too long to be kept. */
  private final IntLongHashMap charactersOfLong = new IntLongHashMap();

  private long words;

  /**
   * How pieces are learned. Immutable.
   *
   * @param vocabulary how many pieces at most, the five special ones included; above 5
   * @param minCount how often a pair must be found to become a piece; from 1
   * @param lowerCase whether words are set in lower case, in training and by the tokenizer
   * @param limitAlphabet how many characters at most are pieces, the most frequent ones; from 1
   */
  public record Options(int vocabulary, int minCount, boolean lowerCase, int limitAlphabet) {
    /** 8,000 pieces in lower case, pairs found twice, 6,000 characters. */
    public static final Options DEFAULT = new Options(8000, 2, true, 6000);

    public Options {
      if (vocabulary <= BertWords.SPECIAL.size()) {
        throw new IllegalArgumentException(
            "a vocabulary has %d special tokens and needs room for more: %d"
                .formatted(BertWords.SPECIAL.size(), vocabulary));
      }
      if (minCount < 1 || limitAlphabet < 1) {
        throw new IllegalArgumentException(
            "the least count and the alphabet's limit are 1 or more: %d, %d"
                .formatted(minCount, limitAlphabet));
      }
    }

    public Options withVocabulary(int vocabulary) {
      return new Options(vocabulary, minCount, lowerCase, limitAlphabet);
    }

    public Options withMinCount(int minCount) {
      return new Options(vocabulary, minCount, lowerCase, limitAlphabet);
    }

    public Options withLowerCase(boolean lowerCase) {
      return new Options(vocabulary, minCount, lowerCase, limitAlphabet);
    }

    public Options withLimitAlphabet(int limitAlphabet) {
      return new Options(vocabulary, minCount, lowerCase, limitAlphabet);
    }
  }

  /**
   * A vocabulary and what it was learned from. Immutable.
   *
   * @param pieces by id, each once; the five special tokens come first
   * @param lowerCase whether the tokenizer sets texts in lower case
   * @param words of the text, punctuation and single Chinese characters included
   * @param distinctWords how many different ones; those of more than 100 characters are not counted
   * @param coveredCharacters the share of the text's characters, white space apart, that are in the
   *     alphabet, from 0 to 1
   */
  public record Pieces(
      List<String> pieces,
      boolean lowerCase,
      long words,
      long distinctWords,
      double coveredCharacters) {
    public Pieces {
      pieces = List.copyOf(pieces);
      int special = BertWords.SPECIAL.size();
      if (pieces.size() < special || !pieces.subList(0, special).equals(BertWords.SPECIAL)) {
        throw new IllegalArgumentException(
            "the first pieces are not the special tokens " + BertWords.SPECIAL);
      }
      if (new HashSet<>(pieces).size() < pieces.size()) {
        throw new IllegalArgumentException("a piece is there twice");
      }
    }

    /**
     * Writes the tokenizer as Hugging Face's libraries read it: {@code tokenizer.json}, {@code
     * tokenizer_config.json} and {@code vocab.txt}. Files of these names are replaced.
     *
     * @param folder made if it is not there
     * @throws PolysemeException if it cannot be written to
     */
    public void writeTokenizer(Path folder) {
      TokenizerFiles.write(folder, pieces, lowerCase);
    }
  }

  public WordPieceTrainer(Options options) {
    this.options = options;
    this.reader = new BertWords(options.lowerCase());
  }

  /**
   * Counts the words of a text.
   *
   * @param text a line, a paragraph or more; a word does not go on in the next text. What is not
   *     well-formed UTF-16 is passed over
   */
  public void add(String text) {
    reader.forEach(text, this::count);
  }

  private void count(char[] units, int length, int characters) {
    words++;
    if (characters <= CountedWords.LONGEST) {
      counts.addTo(new String(units, 0, length), 1);
      return;
    }
    for (int i = 0; i < length; ) {
      int point = Character.codePointAt(units, i, length);
      charactersOfLong.addTo(point, 1);
      i += Character.charCount(point);
    }
  }

  /**
   * Learns pieces from all text so far. More text may be added afterwards, and pieces be learned
   * anew.
   *
   * @return fewer pieces than asked for where no pair is left that is found often enough; of the
   *     characters only the most frequent where there is not room for all
   * @throws PolysemeException if there was no text
   */
  public Pieces train(Progress progress, Cancel cancel) {
    if (words == 0) {
      throw new PolysemeException(
          "there is no text to learn pieces from: it is empty, or has nothing but white space and"
              + " control characters");
    }
    var byCharacter = new IntLongHashMap(charactersOfLong);
    var continuing = new IntHashSet();
    int seen = 0;
    for (ObjectLongCursor<String> word : counts) {
      if (seen++ % WORDS_BETWEEN_CHECKS == 0) {
        cancel.check();
      }
      for (int i = 0; i < word.key.length(); ) {
        int point = word.key.codePointAt(i);
        byCharacter.addTo(point, word.value);
        if (i > 0) {
          continuing.add(point);
        }
        i += Character.charCount(point);
      }
    }
    int[] alphabet = alphabet(byCharacter, continuing);
    List<String> pieces = new ArrayList<>(BertWords.SPECIAL);
    CountedWords split = split(alphabet, pieces, cancel);
    new PairMerges(split, pieces, options.minCount()).run(options.vocabulary(), progress, cancel);
    return new Pieces(
        pieces, options.lowerCase(), words, counts.size(), covered(alphabet, byCharacter));
  }

  /** The most frequent characters that there is room for, by code point. */
  private int[] alphabet(IntLongHashMap byCharacter, IntHashSet continuing) {
    int[] byFrequency =
        IntStream.of(byCharacter.keys().toArray())
            .boxed()
            .sorted(
                Comparator.comparingLong((Integer point) -> byCharacter.get(point))
                    .reversed()
                    .thenComparing(Comparator.naturalOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    int room = options.vocabulary() - BertWords.SPECIAL.size();
    int kept = 0;
    while (kept < Math.min(byFrequency.length, options.limitAlphabet())) {
      room -= continuing.contains(byFrequency[kept]) ? 2 : 1;
      if (room < 0) {
        break;
      }
      kept++;
    }
    return IntStream.of(byFrequency).limit(kept).sorted().toArray();
  }

  /** The words as pieces of one character each; adds these pieces. */
  private CountedWords split(int[] alphabet, List<String> pieces, Cancel cancel) {
    var initial = new IntIntHashMap();
    for (int point : alphabet) {
      initial.put(point, pieces.size());
      pieces.add(Character.toString(point));
    }
    // First which characters continue words that are wholly of the alphabet: only those are pieces.
    var found = new IntHashSet();
    eachWord(
        initial,
        cancel,
        (points, length, count) -> {
          for (int i = 1; i < length; i++) {
            found.add(points[i]);
          }
        });
    var continuing = new IntIntHashMap();
    for (int point : alphabet) {
      if (found.contains(point)) {
        continuing.put(point, pieces.size());
        pieces.add(CONTINUING + Character.toString(point));
      }
    }
    var split = new CountedWords();
    var ids = new int[CountedWords.LONGEST];
    eachWord(
        initial,
        cancel,
        (points, length, count) -> {
          for (int i = 0; i < length; i++) {
            ids[i] = i == 0 ? initial.get(points[i]) : continuing.get(points[i]);
          }
          if (length > 1) {
            split.add(ids, length, count);
          }
        });
    return split;
  }

  @FunctionalInterface
  private interface PointsSink {
    void word(int[] points, int length, long count);
  }

  /** Gives the words that are wholly of the alphabet. */
  private void eachWord(IntIntHashMap alphabet, Cancel cancel, PointsSink sink) {
    var points = new int[CountedWords.LONGEST];
    int seen = 0;
    for (ObjectLongCursor<String> word : counts) {
      if (seen++ % WORDS_BETWEEN_CHECKS == 0) {
        cancel.check();
      }
      int length = 0;
      for (int i = 0; i < word.key.length(); ) {
        int point = word.key.codePointAt(i);
        if (!alphabet.containsKey(point)) {
          length = 0;
          break;
        }
        points[length++] = point;
        i += Character.charCount(point);
      }
      if (length > 0) {
        sink.word(points, length, word.value);
      }
    }
  }

  private static double covered(int[] alphabet, IntLongHashMap byCharacter) {
    long all = 0;
    for (IntLongCursor cursor : byCharacter) {
      all += cursor.value;
    }
    long covered = 0;
    for (int point : alphabet) {
      covered += byCharacter.get(point);
    }
    return (double) covered / all;
  }
}
