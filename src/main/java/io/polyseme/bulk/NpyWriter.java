package io.polyseme.bulk;

import com.google.gson.stream.JsonWriter;
import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.LayerVector;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * {@link OutputFormat#NPY}: the head that NumPy's documentation of its format 1.0 gives (a magic
 * number, the version, the length of what follows, the description of the array as a Python literal
 * padded with spaces to a multiple of 64 bytes), then the rows. The head is written last, when the
 * number of rows is known, into room left for it.
 */
final class NpyWriter implements VectorWriter {
  private static final int HEAD = 128;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private final GrowingFile rows;
  private final Writer texts;
  private final int layers;
  private final int dimension;
  private final float[] none;
  private long row;

  /**
   * @param row of the next text
   */
  NpyWriter(GrowingFile rows, GrowingFile texts, long row, int layers, int dimension)
      throws IOException {
    this.rows = rows;
    this.texts = new BufferedWriter(new OutputStreamWriter(texts, StandardCharsets.UTF_8), 1 << 16);
    this.row = row;
    this.layers = layers;
    this.dimension = dimension;
    this.none = new float[dimension];
    Arrays.fill(none, Float.NaN);
    if (rows.length() == 0) {
      rows.write(new byte[HEAD]);
    }
  }

  @Override
  public void done(CorpusText text, Encoded encoded) throws IOException {
    List<LayerVector> vectors = encoded.sentence();
    for (LayerVector vector : vectors) {
      rows.write(vector.vector());
    }
    JsonWriter json = begin(text);
    json.name("tokens").value(encoded.tokens());
    EncodedJson.strings(json, "warnings", encoded.warnings());
    end(json);
  }

  @Override
  public void failed(CorpusText text, String why) throws IOException {
    for (int i = 0; i < layers; i++) {
      rows.write(none);
    }
    JsonWriter json = begin(text);
    json.name("tokens").value(0);
    EncodedJson.strings(json, "warnings", List.of());
    json.name("error").value(why);
    end(json);
  }

  private JsonWriter begin(CorpusText text) throws IOException {
    JsonWriter json = EncodedJson.writer(texts);
    json.beginObject();
    json.name("row").value(row++);
    if (text.id() != null) {
      json.name("id").value(text.id());
    }
    json.name("line").value(text.line());
    json.name("text").value(text.text());
    return json;
  }

  private void end(JsonWriter json) throws IOException {
    json.endObject();
    texts.write('\n');
  }

  @Override
  public void endPart() throws IOException {
    texts.flush();
  }

  @Override
  public void finish(long texts) throws IOException {
    rows.patch(
        head(layers == 1 ? texts + ", " + dimension : texts + ", " + layers + ", " + dimension));
  }

  private static byte[] head(String shape) {
    String description =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }".formatted(shape);
    var head = new byte[HEAD];
    Arrays.fill(head, (byte) ' ');
    System.arraycopy(MAGIC, 0, head, 0, MAGIC.length);
    int length = HEAD - MAGIC.length - Short.BYTES;
    head[MAGIC.length] = (byte) length;
    head[MAGIC.length + 1] = (byte) (length >> 8);
    byte[] bytes = description.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, head, MAGIC.length + Short.BYTES, bytes.length);
    head[HEAD - 1] = '\n';
    return head;
  }
}
