package io.polyseme.sense;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderInfo;
import io.polyseme.encoder.TextInput;
import io.polyseme.vector.Term;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Tells whether a word has the same sense in two contexts (the task of WiC: Pilehvar and
 * Camacho-Collados 2019). Learned of pairs of which it is known, and of nothing else: no inventory,
 * and no corpus of senses, stands in any vector or statistic. Of one model; immutable and
 * thread-safe.
 */
public final class SameSense {
  /** How it tells. */
  public enum Method {
    /**
     * By the cosine of two vectors, the same sense if it is at least a threshold. The layers, how
     * much the whole text counts beside the word, and the threshold are those that are most often
     * right on the pairs that are learned from.
     */
    THRESHOLD,
    /**
     * By logistic regression on the cosines of the words and of the whole texts at every layer,
     * both of the hidden states as they are and standardised, and on |u - v| and u v of the words'
     * vectors u and v at the layers in the middle.
     */
    HEAD;

    /** The name in lower case. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Two usages of which it is known.
   *
   * @param first its row among the states
   * @param second likewise
   */
  public record Example(int first, int second, boolean same) {}

  /**
   * An answer about two usages.
   *
   * @param probability that the sense is the same, from 0 to 1, if both answers are equally likely
   *     beforehand
   * @param same whether the sense is the same
   */
  public record Answer(double probability, boolean same) {}

  private final String model;
  private final String fingerprint;
  private final StandardSpace space;
  private final PairRule rule;

  SameSense(String model, String fingerprint, StandardSpace space, PairRule rule) {
    this.model = model;
    this.fingerprint = fingerprint;
    this.space = space;
    this.rule = rule;
  }

  /**
   * Learns of pairs. The statistics that hidden states are standardised by are of their usages.
   *
   * @param states of the usages, as {@link UsageStates#request()} has them made
   * @param model the name of the model that made them
   * @param fingerprint the model's, as {@link EncoderInfo} has it
   * @throws PolysemeException if there is no pair of the same sense, or none of different ones
   */
  public static SameSense learn(
      Method method, UsageStates states, List<Example> examples, String model, String fingerprint) {
    long same = examples.stream().filter(Example::same).count();
    if (same == 0 || same == examples.size()) {
      throw new PolysemeException(
          "pairs of the same sense and of different senses are needed to learn from, and of %d pairs"
                  .formatted(examples.size())
              + " %d are of the same".formatted(same));
    }
    int[] rows =
        examples.stream().flatMapToInt(e -> IntStream.of(e.first, e.second)).distinct().toArray();
    StandardSpace space = StandardSpace.of(states, rows);
    PairRule rule =
        switch (method) {
          case THRESHOLD -> PairThreshold.learn(space, states, examples);
          case HEAD -> PairHead.learn(space, states, examples);
        };
    return new SameSense(model, fingerprint, space, rule);
  }

  /** How it tells. */
  public Method method() {
    return switch (rule) {
      case PairThreshold _ -> Method.THRESHOLD;
      case PairHead _ -> Method.HEAD;
    };
  }

  /** The name of the model whose hidden states it was learned of. */
  public String model() {
    return model;
  }

  /** What it looks at. */
  public UsageMix mix() {
    return switch (rule) {
      case PairThreshold threshold -> threshold.mix();
      case PairHead _ -> {
        int last = space.layers() - 1;
        yield UsageMix.words(0, last).plusSentence(0, last, 1);
      }
    };
  }

  String fingerprint() {
    return fingerprint;
  }

  StandardSpace space() {
    return space;
  }

  PairRule rule() {
    return rule;
  }

  /**
   * Tells of two usages.
   *
   * @param first its row among the states
   * @param second likewise
   * @throws IllegalArgumentException if the states have other layers or dimensions than those that
   *     it was learned of
   */
  public Answer tell(UsageStates states, int first, int second) {
    if (states.layers() != space.layers() || states.dimension() != space.dimension()) {
      throw new IllegalArgumentException(
          "%d layers of %d dimensions, and it was learned of %d of %d"
              .formatted(states.layers(), states.dimension(), space.layers(), space.dimension()));
    }
    return rule.tell(space, states, first, second);
  }

  /**
   * Tells of two usages.
   *
   * @throws PolysemeException if the encoder is not of the model that it was learned of, or a text
   *     cannot be encoded
   */
  public Answer tell(Encoder encoder, Term.Usage first, Term.Usage second) {
    EncoderInfo info = encoder.info();
    if (!info.fingerprint().equals(fingerprint)) {
      throw new PolysemeException(
          ("what tells same senses was learned of the model %s (%.8s), and the encoder is %s (%.8s);"
                  + " learn it again of this one")
              .formatted(model, fingerprint, info.card().name(), info.fingerprint()));
    }
    EncodeRequest request = UsageStates.request();
    var states = new UsageStates();
    for (Term.Usage usage : List.of(first, second)) {
      states.add(encoder.encode(TextInput.of(usage.text(), usage.span()), request));
    }
    return tell(states, 0, 1);
  }

  /**
   * Writes it to a JSON file of some hundred kilobytes; one that is there is replaced as a whole.
   *
   * @throws PolysemeException if it cannot be written
   */
  public void save(Path file) {
    SameSenseFile.write(this, file);
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws PolysemeException if there is no such file, it is none of these, or it is damaged
   */
  public static SameSense open(Path file) {
    return SameSenseFile.read(file);
  }
}
