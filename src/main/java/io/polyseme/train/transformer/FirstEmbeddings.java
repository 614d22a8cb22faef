package io.polyseme.train.transformer;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.PieceTokenizer;
import io.polyseme.train.TextRule;
import io.polyseme.train.TrainedVectors;
import io.polyseme.train.TrainingCorpus;
import io.polyseme.train.TrainingListener;
import io.polyseme.train.TrainingOptions;
import io.polyseme.train.TrainingProgress;
import io.polyseme.train.TrainingRun;
import io.polyseme.train.TrainingStart;
import io.polyseme.train.WordVectorTrainer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Word embeddings that a network begins with: skip-gram vectors of the pieces, trained on the same
 * tokens in seconds. From random ones a small network first spends a million tokens and more on
 * nothing but frequencies.
 */
final class FirstEmbeddings {
  private FirstEmbeddings() {}

  /**
   * Trains them, in one thread, so that they are the same each time.
   *
   * @param folder for what is written meanwhile
   * @param into float[pieces × dimension]; rows of pieces that the text does not have stay
   */
  static void train(
      TokenFile tokens,
      PieceTokenizer tokenizer,
      Path folder,
      float[] into,
      int dimension,
      int epochs,
      long seed,
      Progress progress,
      Cancel cancel) {
    Path text = folder.resolve("pieces.txt");
    try {
      write(tokens, tokenizer, text);
      TrainingOptions options =
          TrainingOptions.builder()
              .dimension(dimension)
              .epochs(epochs)
              .minCount(1)
              .sample(1e-4)
              .threads(1)
              .seed(seed)
              .text(TextRule.DEFAULT.withTokenised(true).withLowerCase(false))
              .build();
      try (TrainingCorpus corpus =
          TrainingCorpus.read(
              List.of(text), folder, options, TrainingStart.RANDOM, Progress.NONE, cancel)) {
        TrainingListener listener =
            new TrainingListener() {
              @Override
              public void update(TrainingProgress at) {
                progress.update("first embeddings", at.words(), at.totalWords());
              }
            };
        copy(
            WordVectorTrainer.train(
                corpus, options, TrainingRun.DEFAULT.withListener(listener), cancel),
            tokenizer,
            into,
            dimension);
      }
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot write to %s: %s (is the disk full?)".formatted(folder, e.getMessage()), e);
    } finally {
      remove(text);
    }
  }

  private static void write(TokenFile tokens, PieceTokenizer tokenizer, Path text)
      throws IOException {
    int separator = tokenizer.closing();
    try (BufferedWriter out = Files.newBufferedWriter(text)) {
      for (long place = 0; place < tokens.size(); place++) {
        int id = tokens.id(place);
        if (id == separator) {
          out.write('\n');
        } else {
          // By number: a piece may hold what parts words elsewhere.
          out.write("p" + id + " ");
        }
      }
    }
  }

  private static void copy(
      TrainedVectors vectors, PieceTokenizer tokenizer, float[] into, int dimension) {
    var row = new float[dimension];
    double sum = 0;
    for (int i = 0; i < vectors.size(); i++) {
      vectors.copyRow(i, row);
      for (float x : row) {
        sum += x * x;
      }
    }
    double scale =
        Network.spread(dimension) / Math.sqrt(sum / ((double) vectors.size() * dimension));
    for (int id = 0; id < tokenizer.size(); id++) {
      int at = vectors.row("p" + id);
      if (at >= 0) {
        vectors.copyRow(at, row);
        for (int d = 0; d < dimension; d++) {
          into[id * dimension + d] = (float) (scale * row[d]);
        }
      }
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      System.getLogger(FirstEmbeddings.class.getName())
          .log(System.Logger.Level.WARNING, "cannot remove " + file, e);
    }
  }
}
