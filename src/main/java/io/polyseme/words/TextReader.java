package io.polyseme.words;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.vector.Ordered;
import java.io.IOException;
import java.util.ArrayDeque;

/**
 * Reads text with a word and its numbers on each line. The file is read in chunks of whole lines;
 * several threads parse them, and what they find is handed over in the order of the file.
 */
final class TextReader {
  private static final int CHUNK = 1 << 20;

  /** A line of {@link Head#MOST_DIMENSIONS} numbers of twenty characters fits in easily. */
  private static final int LONGEST_LINE = 1 << 25;

  private final VectorSource source;
  private final Head head;
  private final ReadOptions options;
  private byte[] carry = new byte[1 << 12];
  private int carried;

  private TextReader(VectorSource source, Head head, ReadOptions options) {
    this.source = source;
    this.head = head;
    this.options = options;
  }

  static ReadReport read(
      VectorSource source, Head head, ReadOptions options, WordSink sink, Cancel cancel)
      throws IOException {
    return new TextReader(source, head, options).read(sink, cancel);
  }

  private ReadReport read(WordSink sink, Cancel cancel) throws IOException {
    long lines = 0;
    for (int at = 0, n; at < head.start(); at += n) {
      var skipped = new byte[head.start() - at];
      n = source.read(skipped, 0, skipped.length);
      lines = head.declaredWords() < 0 ? 0 : 1;
    }
    var tally = new Tally(source.file(), options);
    sink.begin(head.dimension(), expected());
    long words = 0;
    long most = options.most();
    int capacity =
        source.compression().isEmpty() ? (int) Math.min(CHUNK, source.length() + 2) : CHUNK;
    var free = new ArrayDeque<TextChunk>();
    try (var parsing = new Ordered<TextChunk>(options.threads())) {
      boolean more = true;
      while (words < most) {
        while (more && parsing.hasRoom()) {
          cancel.check();
          TextChunk chunk =
              free.isEmpty() ? new TextChunk(head.dimension(), capacity, options) : free.pop();
          more = fill(chunk);
          parsing.give(() -> chunk.parse(Long.MAX_VALUE));
        }
        if (parsing.isEmpty()) {
          break;
        }
        TextChunk chunk = parsing.take();
        if (chunk.batch().count() > most - words
            || (chunk.batch().hasIssues() && chunk.batch().count() == most - words)) {
          // What comes after the last word that is wanted is none of our business.
          chunk.parse(most - words);
        }
        chunk.batch().handOver(sink, tally, "line", lines);
        words += chunk.batch().count();
        lines += chunk.lines();
        free.push(chunk);
        source.tell();
      }
      if (!more && words < most && !source.damage().isEmpty()) {
        tally.malformed("after line " + lines, source.damage());
      }
      if (lines <= 1 && words == 0 && head.declaredWords() > 0) {
        tally.malformed(
            "line 1",
            "it says there are %d words, and none follows".formatted(head.declaredWords()));
      }
    }
    return tally.report(
        head.format(), source.compression(), words, head.dimension(), head.declaredWords());
  }

  private long expected() {
    if (head.entryBytes() == 0) {
      return 0;
    }
    if (!source.compression().isEmpty()) {
      return -1;
    }
    long byLength = source.length() / head.entryBytes();
    long most = source.length() / (2L * head.dimension() + 1);
    return Math.min(
        options.most(), head.declaredWords() < 0 ? byLength : Math.min(head.declaredWords(), most));
  }

  /** Puts the next whole lines into a chunk; returns whether there may be more. */
  private boolean fill(TextChunk chunk) {
    byte[] bytes = chunk.bytes();
    while (bytes.length <= carried) {
      bytes = chunk.grow();
    }
    System.arraycopy(carry, 0, bytes, 0, carried);
    int length = carried;
    carried = 0;
    while (true) {
      int begun = length;
      while (length < bytes.length - 1) {
        int n = source.read(bytes, length, bytes.length - 1 - length);
        if (n < 0) {
          finish(chunk, bytes, length);
          return false;
        }
        length += n;
      }
      int lines = lastLineEnd(bytes, begun, length);
      if (lines > 0) {
        carried = length - lines;
        if (carry.length < carried) {
          carry = new byte[bytes.length];
        }
        System.arraycopy(bytes, lines, carry, 0, carried);
        chunk.setLength(lines);
        return true;
      }
      if (bytes.length >= LONGEST_LINE) {
        throw new PolysemeException(
            "%s has a line of more than %d bytes, before byte %d; it is no text of word vectors"
                .formatted(source.file(), length, source.position()));
      }
      bytes = chunk.grow();
    }
  }

  private void finish(TextChunk chunk, byte[] bytes, int length) {
    int whole = length;
    if (!source.damage().isEmpty()) {
      // The last line is cut off where the packed data are damaged.
      whole = lastLineEnd(bytes, 0, length);
    } else if (length > 0 && bytes[length - 1] != '\n') {
      bytes[whole++] = '\n';
    }
    chunk.setLength(whole);
  }

  /** Where the last whole line ends, from which on the carried part of a line has none. */
  private static int lastLineEnd(byte[] bytes, int from, int to) {
    int at = to;
    while (at > from && bytes[at - 1] != '\n') {
      at--;
    }
    return at == from ? 0 : at;
  }
}
