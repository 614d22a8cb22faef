package io.polyseme.words;

/**
 * A file of a fastText model, opened to be trained further: both matrices are mapped. {@link
 * #model()} may be used by many threads, until {@link #close()}.
 */
public final class FastTextFile implements AutoCloseable {
  private final FastTextModel model;
  private final FastTextMatrix inputs;
  private final FastTextMatrix outputs;

  FastTextFile(FastTextModel model, FastTextMatrix inputs, FastTextMatrix outputs) {
    this.model = model;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  public FastTextModel model() {
    return model;
  }

  @Override
  public void close() {
    inputs.close();
    outputs.close();
  }
}
