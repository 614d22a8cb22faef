package io.polyseme.usage;

/**
 * How far the meaning of a word is apart in two parts of a corpus.
 *
 * @param before how many usages the first part has
 * @param after how many the second has
 * @param compared how many of each were compared
 * @param apd average pairwise distance: the mean cosine distance of a usage of one part and one of
 *     the other (Giulianelli, Del Tredici and Fernández 2020); large for words of many senses, too
 * @param apdP how probable an average pairwise distance as great is if the part does not matter,
 *     from the permutation test
 * @param prt prototype distance: the cosine distance of the means of the two parts
 * @param prtP how probable a prototype distance as great is if the part does not matter
 * @param apdControl the mean average pairwise distance where whole texts are shuffled between the
 *     parts (Dubossarsky, Weinshall and Grossman 2017, "Outta Control"); NaN without a control
 * @param prtControl the mean prototype distance there; NaN without a control
 */
public record WordShift(
    String lemma,
    int before,
    int after,
    int compared,
    double apd,
    double apdP,
    double prt,
    double prtP,
    double apdControl,
    double prtControl) {

  /** The measures of change. */
  public enum Measure {
    /** Average pairwise distance. */
    APD,
    /** Prototype distance. */
    PRT
  }

  /** What a measure is. */
  public double value(Measure measure) {
    return measure == Measure.APD ? apd : prt;
  }

  /** How probable a value as great is if the part does not matter. */
  public double p(Measure measure) {
    return measure == Measure.APD ? apdP : prtP;
  }

  /** What the measure is where texts are shuffled between the parts; NaN without a control. */
  public double control(Measure measure) {
    return measure == Measure.APD ? apdControl : prtControl;
  }

  /** The change beyond that of the control, or the whole without one. */
  public double excess(Measure measure) {
    double control = control(measure);
    return value(measure) - (Double.isNaN(control) ? 0 : control);
  }
}
