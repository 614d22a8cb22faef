package io.polyseme.insight;

import java.util.Locale;

/**
 * How well a hidden state of the probe tells the object of a fact from those of the other facts, by
 * cosine to each object's own state at that layer, both less the mean over all pairs.
 *
 * @param told what the text says before the probe
 * @param removed what was taken out of the model
 * @param at which word's state is looked at
 * @param layer of the state; 0 is before any attention
 * @param right how often the subject's true object is the nearest
 * @param rightLow the lower end of the 95 % interval (Wilson's)
 * @param rightHigh its upper end
 * @param rightRank the mean of 1 / rank of the true object
 * @param stated how often the object that the text states is the nearest; NaN where it states none
 * @param statedLow the lower end of its interval
 * @param statedHigh its upper end
 * @param statedRank the mean of 1 / rank of the stated object
 */
public record FactScore(
    Told told,
    Removed removed,
    Probe at,
    int layer,
    double right,
    double rightLow,
    double rightHigh,
    double rightRank,
    double stated,
    double statedLow,
    double statedHigh,
    double statedRank) {
  /** What the text says before the probe. */
  public enum Told {
    /** Nothing: what is found is not in the text. */
    NOTHING,
    /** The true fact. */
    FACT,
    /** The object of another pair is said of the subject. */
    WRONG,
    /** The true fact of another pair: its object is in the text, and not said of the subject. */
    OTHER;

    /** The name in small letters. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is taken out of the model; what is, gives its mean over all texts everywhere. */
  public enum Removed {
    /** Nothing. */
    NOTHING,
    /** All attention to the words of the fact, in every layer and head. */
    ATTENTION_TO_FACT,
    /** Every attention layer. */
    ATTENTION,
    /** The attention layers of the first half. */
    EARLY_ATTENTION,
    /** The attention layers of the second half. */
    LATE_ATTENTION,
    /** Every feed-forward layer. */
    FEED_FORWARD,
    /** The feed-forward layers of the first half. */
    EARLY_FEED_FORWARD,
    /** The feed-forward layers of the second half. */
    LATE_FEED_FORWARD;

    /** The name in small letters, with hyphens. */
    public String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Whose state is looked at. */
  public enum Probe {
    /** The subject's, where the probe names it. */
    SUBJECT,
    /** That of the word in brackets. */
    WORD;

    /** The name in small letters. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
