package io.polyseme.train;

import com.carrotsearch.hppc.LongArrayList;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusFormat;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.corpus.TextBlocks;
import io.polyseme.vector.Ordered;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a text once: threads cut blocks into words, the caller numbers those as they come and
 * writes the numbers down; once all are counted, phrases are joined, and the file of numbers is
 * written again by rank.
 */
final class CorpusBuilder {
  private static final int BLOCK = 1 << 20;

  private final Path folder;
  private final TrainingOptions options;

  /** How many words have the first numbers: those of a model that is trained further. */
  private final int known;

  /** How often each of those was seen before. */
  private final long[] before;

  private final Progress progress;
  private final Cancel cancel;
  private final WordTable table = new WordTable();
  private final BlockingQueue<BlockTokenizer> tokenizers;

  private final @Nullable PhraseFinder phrases;

  private long bytes;
  private long tokens;
  private long types;
  private long invalid;
  private long unreadable;
  private long overlong;
  private long read;
  private long length;
  private boolean open;

  CorpusBuilder(
      Path folder, TrainingOptions options, TrainingStart start, Progress progress, Cancel cancel) {
    this.folder = folder;
    this.options = options;
    this.progress = progress;
    this.cancel = cancel;
    phrases =
        options.phrases() == null
            ? null
            : new PhraseFinder(options.phrases(), table, progress, cancel);
    tokenizers = new ArrayBlockingQueue<>(options.threads() + 1);
    for (int i = 0; i <= options.threads(); i++) {
      tokenizers.add(new BlockTokenizer(options.text()));
    }
    // So that the words of a model that is trained further have the first numbers.
    long[] counts = start.knownCounts();
    before = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      before[table.reserve(start.knownWords().get(i))] += counts[i];
    }
    known = table.size();
  }

  TrainingCorpus build(List<Path> files) {
    Path seen = folder.resolve("seen.ids");
    Path ranked = folder.resolve("text.ids");
    boolean done = false;
    try {
      Files.createDirectories(folder);
      try (var writer = new IdWriter(seen);
          var blocks = new Ordered<BlockTokenizer.Tokens>(options.threads())) {
        for (Path file : files) {
          length += Files.size(file);
        }
        for (Path file : files) {
          read(file, blocks, writer);
          drain(blocks, writer);
          end(writer); // a file's last line may have no end
          read += Files.size(file);
        }
      }
      types = IntStream.range(0, table.size()).filter(word -> table.count(word) > 0).count();
      if (phrases != null) {
        phrases.join(seen, folder.resolve("joined.ids"), tokens);
      }
      TrainingCorpus corpus = rank(files, seen, ranked);
      done = true;
      return corpus;
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot write the sentences to %s: %s; is the disk full?".formatted(folder, e), e);
    } finally {
      remove(seen);
      if (!done) {
        remove(ranked);
      }
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      System.getLogger(CorpusBuilder.class.getName())
          .log(System.Logger.Level.WARNING, "cannot remove " + file, e);
    }
  }

  private void read(Path file, Ordered<BlockTokenizer.Tokens> blocks, IdWriter writer)
      throws IOException {
    if (CorpusFormat.of(file) != CorpusFormat.LINES) {
      readTexts(file, blocks, writer);
      return;
    }
    try (TextBlocks text = TextBlocks.open(file, BLOCK)) {
      for (byte[] block = text.next(); block != null; block = text.next()) {
        give(block, blocks, writer);
        tell(text.position());
      }
    }
  }

  /** Texts of JSON lines or columns, each of which may have several lines. */
  private void readTexts(Path file, Ordered<BlockTokenizer.Tokens> blocks, IdWriter writer)
      throws IOException {
    try (CorpusReader texts = CorpusReader.open(file, CorpusOptions.DEFAULT)) {
      var gathered = new StringBuilder();
      while (texts.hasNext()) {
        CorpusText text = texts.next();
        unreadable += text.readable() ? 0 : 1;
        gathered.append(text.text()).append('\n');
        if (gathered.length() >= BLOCK || !texts.hasNext()) {
          give(gathered.toString().getBytes(StandardCharsets.UTF_8), blocks, writer);
          gathered.setLength(0);
          tell(texts.position());
        }
      }
    }
  }

  private void tell(long position) {
    progress.update("reading the text", Math.min(length, read + position), length);
  }

  private void give(byte[] block, Ordered<BlockTokenizer.Tokens> blocks, IdWriter writer)
      throws IOException {
    cancel.check();
    bytes += block.length;
    if (!blocks.hasRoom()) {
      write(blocks.take(), writer);
    }
    blocks.give(
        () -> {
          // There is one for each thread and the caller, so that this never waits.
          BlockTokenizer tokenizer = tokenizers.take();
          try {
            return tokenizer.cut(block);
          } finally {
            tokenizers.add(tokenizer);
          }
        });
  }

  private void drain(Ordered<BlockTokenizer.Tokens> blocks, IdWriter writer) throws IOException {
    while (!blocks.isEmpty()) {
      write(blocks.take(), writer);
    }
  }

  private void write(BlockTokenizer.Tokens cut, IdWriter writer) throws IOException {
    invalid += cut.invalid;
    overlong += cut.overlong;
    int start = 0;
    for (int i = 0; i < cut.count; i++) {
      int end = cut.ends[i];
      if (end == start) {
        end(writer);
      } else {
        writer.word(table.add(cut.bytes, start, end, cut.hashes[i]));
        tokens++;
        open = true;
      }
      start = end;
    }
  }

  private void end(IdWriter writer) throws IOException {
    if (open) {
      writer.end();
      open = false;
    }
  }

  /** Makes the vocabulary, and writes the sentences by the ranks of their words. */
  private TrainingCorpus rank(List<Path> files, Path seen, Path ranked) throws IOException {
    int[] order = vocabulary(files);
    var ranks = new int[table.size()];
    Arrays.fill(ranks, -1);
    var counts = new long[order.length];
    var frequencies = new long[order.length];
    for (int rank = 0; rank < order.length; rank++) {
      ranks[order[rank]] = rank;
      counts[rank] = table.count(order[rank]);
      frequencies[rank] = frequency(order[rank]);
    }
    var ends = new LongArrayList();
    var words = new LongArrayList();
    long sentences = 0;
    long fingerprint = 0;
    try (Arena arena = Arena.ofConfined();
        var writer = new IdWriter(ranked)) {
      IdReader reader = IdReader.open(seen, arena);
      int inSentence = 0;
      long inUnit = 0;
      long unitStart = 0;
      long checked = 0;
      for (int id = reader.next(); id != IdReader.NONE; id = reader.next()) {
        int rank = id == IdReader.END ? -1 : ranks[id];
        if (rank >= 0) {
          writer.word(rank);
          fingerprint = (fingerprint ^ rank) * 0x9E3779B97F4A7C15L;
          inSentence++;
          inUnit++;
          if ((++checked & 0xFFFFF) == 0) {
            cancel.check();
            progress.update("numbering the words", checked, tokens);
          }
        }
        if (inSentence > 0
            && (id == IdReader.END || inSentence == TrainingCorpus.LONGEST_SENTENCE)) {
          writer.end();
          sentences++;
          inSentence = 0;
          if (writer.length() - unitStart >= TrainingCorpus.unitBytes()) {
            unitStart = writer.length();
            ends.add(unitStart);
            words.add(inUnit);
            inUnit = 0;
          }
        }
      }
      if (inUnit > 0) {
        ends.add(writer.length());
        words.add(inUnit);
      }
    }
    for (long count : counts) {
      fingerprint = (fingerprint ^ count) * 0x9E3779B97F4A7C15L;
    }
    List<String> labels = Arrays.stream(order).mapToObj(table::word).toList();
    var report =
        new TrainingCorpus.Report(
            files.size(),
            bytes,
            tokens,
            types,
            sentences,
            invalid,
            unreadable,
            overlong,
            phrases == null ? 0 : phrases.pruned(),
            fingerprint);
    List<Phrase> found = phrases == null ? List.of() : phrases.phrases(word -> ranks[word] >= 0);
    return new TrainingCorpus(
        labels, counts, frequencies, found, report, ranked, ends.toArray(), words.toArray());
  }

  /** How often a word was seen, in what was trained on before too. */
  private long frequency(int word) {
    return table.count(word) + (word < known ? before[word] : 0);
  }

  /** The words that are frequent enough, the commonest first. */
  private int[] vocabulary(List<Path> files) {
    if (tokens == 0) {
      throw new PolysemeException(
          "there is no word in %s%s%s"
              .formatted(
                  files.getFirst(),
                  files.size() > 1 ? " and %,d more files".formatted(files.size() - 1) : "",
                  invalid > 0 ? "; %,d bytes of it are not UTF-8".formatted(invalid) : ""));
    }
    int[] order =
        IntStream.range(0, table.size())
            .filter(word -> word < known || table.count(word) >= options.minCount())
            .boxed()
            .sorted(
                (a, b) -> {
                  int byCount = Long.compare(frequency(b), frequency(a));
                  return byCount != 0 ? byCount : table.compare(a, b);
                })
            .mapToInt(Integer::intValue)
            .toArray();
    if (options.maxVocabulary() > 0 && order.length > options.maxVocabulary()) {
      int[] most = {Math.max(0, options.maxVocabulary() - known)};
      order = Arrays.stream(order).filter(word -> word < known || most[0]-- > 0).toArray();
    }
    int seen = (int) Arrays.stream(order).filter(word -> table.count(word) > 0).limit(2).count();
    if (seen < 2) {
      throw new PolysemeException(tooFew(seen));
    }
    return order;
  }

  private String tooFew(int left) {
    int commonest = 0;
    for (int word = 1; word < table.size(); word++) {
      if (table.count(word) > table.count(commonest)) {
        commonest = word;
      }
    }
    return ("%s of the %,d different words of the text is in the vocabulary, and words are learned"
            + " from each other: the commonest, \"%s\", occurs %,d times, and %,d are asked for;"
            + " give more text or a smaller least count")
        .formatted(
            left == 0 ? "none" : "only one",
            table.size(),
            table.word(commonest),
            table.count(commonest),
            options.minCount());
  }
}
