package io.polyseme.words;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes word vectors as word2vec and GloVe do; see {@link WordFiles}. */
final class VectorExport {
  private static final int BUFFER = 1 << 16;
  private static final int CHECK_EVERY = 1 << 10;

  private final LabelledRows rows;
  private final Path file;
  private final ExportOptions options;

  private VectorExport(LabelledRows rows, Path file, ExportOptions options) {
    this.rows = rows;
    this.file = file;
    this.options = options;
  }

  static void write(
      LabelledRows rows, Path file, ExportOptions options, Progress progress, Cancel cancel) {
    new VectorExport(rows, file, options).write(progress, cancel);
  }

  private void write(Progress progress, Cancel cancel) {
    @Nullable Path temporary = null;
    try {
      Path target = Output.target(file);
      Path part = Output.part(target);
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        temporary = part;
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        if (target.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".gz")) {
          GZIPOutputStream packed = new GZIPOutputStream(out, BUFFER);
          OutputStream buffered = new BufferedOutputStream(packed, BUFFER);
          writeAll(buffered, progress, cancel);
          buffered.flush();
          packed.finish();
        } else {
          writeAll(out, progress, cancel);
        }
        out.flush();
        channel.force(true);
      }
      Output.rename(part, target);
      temporary = null;
    } catch (IOException e) {
      throw Output.failed(file, e);
    } finally {
      if (temporary != null) {
        Output.remove(temporary);
      }
    }
  }

  private void writeAll(OutputStream out, Progress progress, Cancel cancel) throws IOException {
    int count = rows.size();
    int dimension = rows.dimension();
    if (options.format() != VectorFormat.GLOVE) {
      out.write((count + " " + dimension + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    boolean binary = options.format() == VectorFormat.WORD2VEC_BINARY;
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * dimension).order(ByteOrder.LITTLE_ENDIAN);
    var vector = new float[dimension];
    var line = new StringBuilder();
    for (int row = 0; row < count; row++) {
      if (row % CHECK_EVERY == 0) {
        cancel.check();
        progress.update("writing word vectors", row, count);
      }
      out.write(word(rows.label(row)).getBytes(StandardCharsets.UTF_8));
      rows.copyRow(row, vector);
      if (binary) {
        out.write(' ');
        bytes.clear().asFloatBuffer().put(vector);
        out.write(bytes.array());
        out.write('\n');
      } else {
        line.setLength(0);
        for (float x : vector) {
          line.append(' ').append(x);
        }
        out.write(line.append('\n').toString().getBytes(StandardCharsets.US_ASCII));
      }
    }
    progress.update("writing word vectors", count, count);
  }

  /** The word as it is written; C and Python end a word at any of these characters. */
  private String word(String label) {
    if (label.isEmpty()) {
      throw new PolysemeException("a word without characters cannot be written to " + file);
    }
    String word = options.underscores() ? label.replace(' ', '_') : label;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == ' ' || (c >= '\t' && c <= '\r')) {
        throw new PolysemeException(
            ("the word \"%s\" has %s in it, which ends a word in the format %s; %s")
                .formatted(
                    label,
                    c == ' ' ? "a space" : "a control character",
                    options.format(),
                    c == ' '
                        ? "have underscores written for spaces, or write Polyseme's own format"
                        : "write Polyseme's own format"));
      }
    }
    return word;
  }
}
