package io.polyseme.words;

import io.polyseme.Cancel;
import java.io.IOException;

/** Reads the binary format of word2vec. */
final class BinaryReader {
  /** word2vec itself has words of at most 100 bytes; what is longer than this is no word. */
  private static final int LONGEST_WORD = 1 << 16;

  private static final int BATCH_BYTES = 1 << 20;

  private BinaryReader() {}

  static ReadReport read(
      VectorSource source, Head head, ReadOptions options, WordSink sink, Cancel cancel)
      throws IOException {
    int dimension = head.dimension();
    int floats = Float.BYTES * dimension;
    int perBatch = Math.max(1, BATCH_BYTES / floats);
    var tally = new Tally(source.file(), options);
    var in = new ByteReader(source);
    in.skipFar(head.start());
    sink.begin(dimension, expected(source, head, options));
    var batch = new Batch(dimension, options);
    long entries = 0;
    long handedOver = 0;
    long words = 0;
    String end = "";
    while (words + batch.count() < options.most()) {
      if (entries - handedOver == perBatch || batch.ended()) {
        batch.handOver(sink, tally, "word", handedOver);
        words += batch.count();
        handedOver = entries;
        batch.clear();
        source.tell();
        cancel.check();
      }
      while (in.has(1) && (in.bytes()[in.at()] == '\n' || in.bytes()[in.at()] == '\r')) {
        in.skip(1);
      }
      if (!in.has(1)) {
        if (entries < head.declaredWords()) {
          end = "the file ends, and says it has %d words".formatted(head.declaredWords());
        }
        break;
      }
      int length = in.find((byte) ' ', LONGEST_WORD);
      if (length < 0) {
        end =
            in.has(LONGEST_WORD)
                ? "no space after a word in %d bytes; the dimension may be wrong"
                    .formatted(LONGEST_WORD)
                : "the file ends within a word";
        break;
      }
      if (!in.has(length + 1 + floats)) {
        end = "the file ends within the %d bytes of a vector".formatted(floats);
        break;
      }
      int word = in.at();
      in.skip(length + 1);
      in.nextFloats(batch.vectors(), batch.next(), dimension);
      entries++;
      batch.add(in.bytes(), word, word + length, (int) (entries - handedOver));
    }
    batch.handOver(sink, tally, "word", handedOver);
    words += batch.count();
    source.tell();
    if (!end.isEmpty()) {
      tally.malformed(
          "word %d at byte %d".formatted(entries + 1, in.position()),
          source.damage().isEmpty() ? end : source.damage());
    }
    return tally.report(
        head.format(), source.compression(), words, dimension, head.declaredWords());
  }

  private static long expected(VectorSource source, Head head, ReadOptions options) {
    long most = Math.min(options.most(), head.declaredWords());
    // Packed floats are about as long as they were; text behind a small ratio is none of ours.
    long factor = source.compression().isEmpty() ? 1 : 4;
    return Math.min(most, factor * source.length() / head.entryBytes());
  }
}
