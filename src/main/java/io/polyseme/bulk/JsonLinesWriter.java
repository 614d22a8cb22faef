package io.polyseme.bulk;

import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.Encoded;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** {@link OutputFormat#JSONL}. */
final class JsonLinesWriter implements VectorWriter {
  private final String model;
  private final Writer writer;

  JsonLinesWriter(GrowingFile file, String model) {
    this.model = model;
    this.writer = new BufferedWriter(new OutputStreamWriter(file, StandardCharsets.UTF_8), 1 << 16);
  }

  @Override
  public void done(CorpusText text, Encoded encoded) throws IOException {
    EncodedJson.write(writer, model, text.id(), encoded);
    writer.write('\n');
  }

  @Override
  public void failed(CorpusText text, String why) throws IOException {
    EncodedJson.writeFailed(
        writer, model, text.id(), text.text(), "line " + text.line() + ": " + why);
    writer.write('\n');
  }

  @Override
  public void endPart() throws IOException {
    writer.flush();
  }

  @Override
  public void finish(long texts) {}
}
