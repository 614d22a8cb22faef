package io.polyseme.words;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.WholeFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Writes a model as fastText does; {@link FastTextReader} has the layout. */
final class FastTextWriter {
  private static final int MAGIC = 793712314;
  private static final int VERSION = 12;
  private static final int NEGATIVE_SAMPLING = 2;
  private static final int CBOW = 1;
  private static final int SKIP_GRAM = 2;
  private static final int LEARNING_RATE_UPDATE = 100;
  private static final byte WORD = 0;
  private static final int CHECK_EVERY = 1 << 10;

  private final FastTextModel model;
  private final Progress progress;
  private final Cancel cancel;
  private final long rows;
  private final ByteBuffer buffer;
  private long written;

  FastTextWriter(FastTextModel model, Progress progress, Cancel cancel) {
    this.model = model;
    this.progress = progress;
    this.cancel = cancel;
    this.rows = model.words().size() + (model.rule() == null ? 0L : model.rule().buckets());
    this.buffer =
        ByteBuffer.allocate(Math.max(128, Float.BYTES * model.dimension()))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  void write(Path file) {
    for (String word : model.words()) {
      if (word.isEmpty() || word.chars().anyMatch(c -> c == ' ' || c == 0 || c >= 9 && c <= 13)) {
        throw new PolysemeException(
            "the word \"%s\" cannot be written to %s: fastText has no white space in words"
                .formatted(word, file));
      }
    }
    WholeFile.write(file, this::write);
  }

  private void write(OutputStream out) throws IOException {
    SubwordRule rule = model.rule();
    buffer.putInt(MAGIC).putInt(VERSION);
    buffer.putInt(model.dimension()).putInt(model.window()).putInt(model.epochs());
    buffer.putInt(model.minCount()).putInt(model.negatives()).putInt(1);
    buffer.putInt(NEGATIVE_SAMPLING).putInt(model.skipGram() ? SKIP_GRAM : CBOW);
    buffer.putInt(rule == null ? 0 : rule.buckets());
    buffer.putInt(rule == null ? 0 : rule.minLength());
    buffer.putInt(rule == null ? 0 : rule.maxLength());
    buffer.putInt(LEARNING_RATE_UPDATE).putDouble(model.sample());
    int words = model.words().size();
    buffer.putInt(words).putInt(words).putInt(0);
    buffer.putLong(model.tokens()).putLong(-1);
    flush(out);
    for (int word = 0; word < words; word++) {
      out.write(model.words().get(word).getBytes(StandardCharsets.UTF_8));
      buffer.put((byte) 0).putLong(model.counts()[word]).put(WORD);
      flush(out);
    }
    buffer.put((byte) 0); // not quantised
    matrix(out, rows, model.inputs());
    buffer.put((byte) 0);
    matrix(out, words, model.outputs());
  }

  private void matrix(OutputStream out, long count, RowSource source) throws IOException {
    buffer.putLong(count).putLong(model.dimension());
    flush(out);
    var vector = new float[model.dimension()];
    for (int row = 0; row < count; row++) {
      if (written++ % CHECK_EVERY == 0) {
        cancel.check();
        progress.update("writing the model", written, rows + model.words().size());
      }
      source.copy(row, vector);
      for (float x : vector) {
        buffer.putFloat(x);
      }
      flush(out);
    }
  }

  private void flush(OutputStream out) throws IOException {
    out.write(buffer.array(), 0, buffer.position());
    buffer.clear();
  }
}
