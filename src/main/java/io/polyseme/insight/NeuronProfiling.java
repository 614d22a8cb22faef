package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The making of a {@link NeuronProfile}: a corpus goes through a model, sentence by sentence, and
 * of each neuron is kept how often it fires and what excites it most. Immutable; start at {@link
 * #to(Path)}.
 *
 * <p>Memory does not grow with the corpus. What is done is kept in a file {@code .OUT.part} beside
 * the output; a run that was cancelled or killed goes on from it when it is started again. The
 * output appears when all is done.
 *
 * <p>Special tokens, which stand for no part of the text, are not counted. A sentence longer than
 * {@value SentenceCutter#TOKENS} tokens is cut.
 *
 * @param out the file to write
 * @param top how many examples of each neuron are kept, from 1 to {@value #MOST_EXAMPLES}
 * @param layers whose neurons, ascending; empty for all
 * @param texts how many texts of the corpus are read at most
 * @param tokens with how many tokens no further text is read
 * @param restart whether what an earlier run has left is thrown away
 */
public record NeuronProfiling(
    Path out, int top, List<Integer> layers, long texts, long tokens, boolean restart) {
  /** The most examples that can be kept of a neuron. */
  public static final int MOST_EXAMPLES = 1000;

  public NeuronProfiling {
    Objects.requireNonNull(out, "out");
    layers = layers.stream().distinct().sorted().toList();
    if (top < 1 || top > MOST_EXAMPLES) {
      throw new IllegalArgumentException(
          "from 1 to %d examples can be kept of a neuron, and not %d"
              .formatted(MOST_EXAMPLES, top));
    }
    if (texts < 1 || tokens < 1) {
      throw new IllegalArgumentException(
          "at least one text and one token are to be read: %d, %d".formatted(texts, tokens));
    }
  }

  /** Twenty examples of each neuron, of all layers and the whole corpus. */
  public static NeuronProfiling to(Path out) {
    return new NeuronProfiling(out, 20, List.of(), Long.MAX_VALUE, Long.MAX_VALUE, false);
  }

  public NeuronProfiling withTop(int top) {
    return new NeuronProfiling(out, top, layers, texts, tokens, restart);
  }

  public NeuronProfiling withLayers(List<Integer> layers) {
    return new NeuronProfiling(out, top, layers, texts, tokens, restart);
  }

  public NeuronProfiling withTexts(long texts) {
    return new NeuronProfiling(out, top, layers, texts, tokens, restart);
  }

  public NeuronProfiling withTokens(long tokens) {
    return new NeuronProfiling(out, top, layers, texts, tokens, restart);
  }

  public NeuronProfiling withRestart(boolean restart) {
    return new NeuronProfiling(out, top, layers, texts, tokens, restart);
  }

  /**
   * Makes the profile, or what is left of it to be made.
   *
   * @param corpus of which nothing has been taken yet. Of a file, the work can go on later; of a
   *     stream it cannot, and nothing is kept. Stays open
   * @param encoder stays open
   * @throws CancelledException if cancelled or interrupted; says where what was done is kept
   * @throws IllegalArgumentException if the model has no such layer
   * @throws PolysemeException if the corpus has no text, the output cannot be written, another
   *     profile was begun there and not finished, or the model's neurons are hidden in its graph
   */
  public NeuronProfile run(CorpusReader corpus, Encoder encoder, Progress progress, Cancel cancel) {
    return run(corpus, encoder, NeuronRun.Pace.DEFAULT, progress, cancel);
  }

  NeuronProfile run(
      CorpusReader corpus, Encoder encoder, NeuronRun.Pace pace, Progress progress, Cancel cancel) {
    Path target = target();
    try {
      return new NeuronRun(this, target, corpus, encoder, job(corpus, encoder), pace, progress)
          .run(cancel);
    } catch (IOException e) {
      throw new PolysemeException(
          "cannot remove what was kept of %s: %s".formatted(target, e.getMessage()), e);
    }
  }

  private Path target() {
    Path target = out.toAbsolutePath().normalize();
    if (!Files.isDirectory(target.getParent())) {
      throw new PolysemeException("there is no folder " + target.getParent() + " to write to");
    }
    if (Files.isDirectory(target)) {
      throw new PolysemeException(out + " is a folder; give the path of a file");
    }
    return target;
  }

  /** What must be the same where the work goes on, by what a person calls it. */
  private Map<String, String> job(CorpusReader corpus, Encoder encoder) {
    var job = new LinkedHashMap<String, String>();
    Path file = corpus.file();
    try {
      job.put("the corpus", file == null ? corpus.name() : file.toRealPath().toString());
      if (file != null) {
        job.put("its length", Files.size(file) + " bytes");
        job.put("its last change", Files.getLastModifiedTime(file).toString());
      }
    } catch (IOException e) {
      throw new PolysemeException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
    job.put("the field of the text", corpus.options().textField());
    EncoderInfo info = encoder.info();
    job.put("the model", info.card().name());
    job.put("the model's fingerprint", info.fingerprint());
    job.put("the layers", layers.isEmpty() ? "all" : layers.toString());
    job.put("the number of examples", Integer.toString(top));
    job.put("the number of texts", most(texts));
    job.put("the number of tokens", most(tokens));
    return job;
  }

  private static String most(long number) {
    return number == Long.MAX_VALUE ? "all" : Long.toString(number);
  }
}
