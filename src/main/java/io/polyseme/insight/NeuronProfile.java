package io.polyseme.insight;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncoderInfo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What the neurons of a model's feed-forward layers do over a corpus: how often and how strongly
 * each fires, and the places that excite it most (Geva, Schuster, Berant and Levy 2021,
 * "Transformer Feed-Forward Layers Are Key-Value Memories", section 3). Made by {@link
 * NeuronProfiling}. Immutable and thread-safe.
 */
public final class NeuronProfile {
  private final About about;
  private final NeuronTally tally;

  /**
   * What was profiled.
   *
   * @param model the encoder's name
   * @param fingerprint of its file
   * @param corpus the name of what was read
   * @param texts how many texts of the corpus were read, those without a word included
   */
  record About(String model, String fingerprint, String corpus, long texts) {}

  NeuronProfile(About about, NeuronTally tally) {
    this.about = about;
    this.tally = tally;
  }

  /**
   * Reads a profile into memory.
   *
   * @throws PolysemeException if it is not there, no profile, of another version, damaged, or not
   *     finished
   */
  public static NeuronProfile read(Path file) {
    NeuronProfileFile.Content content = NeuronProfileFile.read(file);
    if (!content.finished()) {
      throw new PolysemeException(
          file + " is of a profile that is being made: run the command that began it to its end");
    }
    return new NeuronProfile(content.about(), content.tally());
  }

  /** The name of the model. */
  public String model() {
    return about.model;
  }

  /** The fingerprint of the model's file. */
  public String fingerprint() {
    return about.fingerprint;
  }

  /** What was read. */
  public String corpus() {
    return about.corpus;
  }

  /** How many texts were read. */
  public long texts() {
    return about.texts;
  }

  /** How many sentences they have. */
  public long sentences() {
    return tally.read();
  }

  /** How many tokens they have, special ones not counted. */
  public long tokens() {
    return tally.tokens();
  }

  /** The layers whose neurons are in it, ascending. */
  public List<Integer> layers() {
    return Arrays.stream(tally.layers).boxed().toList();
  }

  /** How many neurons each layer has. */
  public int width() {
    return tally.width;
  }

  /** How many examples are kept of each neuron, at most. */
  public int top() {
    return tally.top;
  }

  /**
   * What a neuron does.
   *
   * @throws PolysemeException if the profile has no such neuron
   */
  public ProfiledNeuron neuron(NeuronId id) {
    int index = tally.index(id);
    if (index < 0) {
      throw new PolysemeException(
          "there is no neuron %s: the profile has neurons 0 to %d of layers %s"
              .formatted(id, width() - 1, layers()));
    }
    return tally.neuron(index);
  }

  /**
   * Checks that it is of this model.
   *
   * @throws PolysemeException if it is not
   */
  public void requireMadeBy(EncoderInfo model) {
    if (!model.fingerprint().equals(about.fingerprint)) {
      throw new PolysemeException(
          "the profile is of %s (%s), and not of %s (%s): make one of this model, or ask with the other"
              .formatted(
                  about.model,
                  shortened(about.fingerprint),
                  model.card().name(),
                  shortened(model.fingerprint())));
    }
  }

  private static String shortened(String fingerprint) {
    return fingerprint.substring(0, Math.min(12, fingerprint.length()));
  }
}
