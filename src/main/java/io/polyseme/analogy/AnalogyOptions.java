package io.polyseme.analogy;

import io.polyseme.vector.Filter;
import io.polyseme.vector.Precision;

/**
 * How an expression is asked.
 *
 * @param k how many answers, from 1
 * @param method how the terms make one score
 * @param keepInputs whether the words of the expression may be answers
 * @param skipUnknown whether words that are not known are left out of the sum, and told of, as long
 *     as one is left
 */
public record AnalogyOptions(
    int k,
    AnalogyMethod method,
    boolean keepInputs,
    boolean skipUnknown,
    Precision precision,
    Filter filter) {
  /** Ten answers by 3CosAdd, without the inputs. */
  public static final AnalogyOptions DEFAULT =
      new AnalogyOptions(10, AnalogyMethod.COS_ADD, false, false, Precision.AUTO, Filter.ALL);

  public AnalogyOptions {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + k);
    }
  }

  public AnalogyOptions withK(int k) {
    return new AnalogyOptions(k, method, keepInputs, skipUnknown, precision, filter);
  }

  public AnalogyOptions withMethod(AnalogyMethod method) {
    return new AnalogyOptions(k, method, keepInputs, skipUnknown, precision, filter);
  }

  public AnalogyOptions withKeepInputs(boolean keepInputs) {
    return new AnalogyOptions(k, method, keepInputs, skipUnknown, precision, filter);
  }

  public AnalogyOptions withSkipUnknown(boolean skipUnknown) {
    return new AnalogyOptions(k, method, keepInputs, skipUnknown, precision, filter);
  }

  public AnalogyOptions withPrecision(Precision precision) {
    return new AnalogyOptions(k, method, keepInputs, skipUnknown, precision, filter);
  }

  public AnalogyOptions withFilter(Filter filter) {
    return new AnalogyOptions(k, method, keepInputs, skipUnknown, precision, filter);
  }
}
