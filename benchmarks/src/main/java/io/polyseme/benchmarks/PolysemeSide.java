package io.polyseme.benchmarks;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.TextInput;
import io.polyseme.model.ModelStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Polyseme with its defaults. */
final class PolysemeSide implements Side {
  private final Encoder encoder;

  PolysemeSide(Path model) {
    encoder =
        Encoder.open(ModelStore.standard().open(model.toString(), Progress.NONE, Cancel.create()));
  }

  @Override
  public List<float[]> encode(List<String> texts) {
    var vectors = new ArrayList<float[]>(texts.size());
    encoder.encodeAll(
        texts.stream().map(TextInput::of).iterator(),
        EncodeRequest.ofSentences(),
        result -> {
          if (!(result instanceof EncodeResult.Done done)) {
            throw new IllegalStateException(result.toString());
          }
          vectors.add(done.encoded().vector());
        },
        Cancel.create());
    return vectors;
  }

  @Override
  public void close() {
    encoder.close();
  }
}
