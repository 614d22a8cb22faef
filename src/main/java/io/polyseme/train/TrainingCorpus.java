package io.polyseme.train;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.TextFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A text made ready for training: its vocabulary, the commonest word first, and its sentences as
 * numbers of words in a file that is mapped, so that memory grows with the vocabulary and not with
 * the text. Words that were left out of the vocabulary are no part of the sentences, and do not
 * count in a window.
 *
 * <p>A line is a sentence; one of more than {@value #LONGEST_SENTENCE} words counts as several.
 *
 * <p>Thread-safe. {@link #close()} removes the file.
 */
public final class TrainingCorpus implements AutoCloseable {
  /** The most words of a sentence: gensim's. A longer line is cut, which costs a few pairs. */
  public static final int LONGEST_SENTENCE = 10_000;

  /** About how many bytes of sentences a thread takes at once, some 40,000 words. */
  private static final int UNIT = 1 << 16;

  private final List<String> words;
  private final long[] counts;
  private final long[] frequencies;
  private final long total;
  private final List<Phrase> phrases;
  private final Report report;
  private final Path file;
  private final Arena arena;
  private final MemorySegment ids;
  private final long[] unitEnds;
  private final long[] unitWords;

  /**
   * What a text was found to be.
   *
   * @param files how many
   * @param bytes of text, unpacked
   * @param tokens all words of the text, with those that are not in the vocabulary, before any are
   *     joined to phrases
   * @param types how many different ones
   * @param sentences lines that have a word of the vocabulary; long ones count as several
   * @param invalid bytes that are not UTF-8; they stand between words
   * @param unreadable texts of JSON lines or columns that could not be read, and were left out
   * @param overlong words of more than 4,096 bytes, which were left out
   * @param prunedPairs how many pairs of words were forgotten while phrases were looked for, as
   *     more than 12 million different ones could be phrases; they were the rarest so far
   * @param fingerprint of the words and sentences, which tells one text from another
   */
  public record Report(
      int files,
      long bytes,
      long tokens,
      long types,
      long sentences,
      long invalid,
      long unreadable,
      long overlong,
      long prunedPairs,
      long fingerprint) {}

  TrainingCorpus(
      List<String> words,
      long[] counts,
      long[] frequencies,
      List<Phrase> phrases,
      Report report,
      Path file,
      long[] unitEnds,
      long[] unitWords)
      throws IOException {
    this.words = words;
    this.counts = counts;
    this.frequencies = frequencies;
    this.total = Arrays.stream(counts).sum();
    this.phrases = phrases;
    this.report = report;
    this.file = file;
    this.unitEnds = unitEnds;
    this.unitWords = unitWords;
    this.arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file)) {
      ids = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Reads a text, once.
   *
   * @param from files, packed with gzip or not, and folders, all of whose files are read in the
   *     order of their paths but for those whose names begin with a dot. The names of files tell
   *     what they are: lines of text, or JSON lines or columns with a field {@code text}.
   * @param folder where the file of sentences is put, of at most the size of the text; it is made
   *     where it is not there
   * @param options tell the rule, the least count, the largest vocabulary and the threads
   * @param start what the training is to begin with: words of a model that is trained further are
   *     in the vocabulary, however rare
   * @throws PolysemeException if something is not there or cannot be read, there is no text, no
   *     word is frequent enough, or the disk is full
   * @throws io.polyseme.CancelledException if cancelled; the file is removed
   */
  public static TrainingCorpus read(
      List<Path> from,
      Path folder,
      TrainingOptions options,
      TrainingStart start,
      Progress progress,
      Cancel cancel) {
    return new CorpusBuilder(folder, options, start, progress, cancel).build(TextFiles.list(from));
  }

  /** How many words are in the vocabulary. */
  public int size() {
    return words.size();
  }

  /** The vocabulary, the commonest word first, equally common ones in the order of their bytes. */
  public List<String> words() {
    return words;
  }

  /**
   * How often a word occurs in this text and in what a model that is trained further learned from,
   * by its number.
   */
  public long frequency(int word) {
    return frequencies[word];
  }

  /** How often a word of the vocabulary occurs in this text, by its number. */
  public long count(int word) {
    return counts[word];
  }

  /** How many words of the vocabulary all sentences have together. */
  public long total() {
    return total;
  }

  /** The words of the vocabulary that are phrases, that with the best score first. */
  public List<Phrase> phrases() {
    return phrases;
  }

  public Report report() {
    return report;
  }

  int units() {
    return unitEnds.length;
  }

  /** How many words a part of the text has. */
  long unitWords(int unit) {
    return unitWords[unit];
  }

  IdReader reader() {
    return new IdReader(ids);
  }

  void seek(IdReader reader, int unit) {
    reader.seek(unit == 0 ? 0 : unitEnds[unit - 1], unitEnds[unit]);
  }

  static int unitBytes() {
    return UNIT;
  }

  @Override
  public void close() {
    arena.close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
