package io.polyseme.collection;

import io.polyseme.collection.ClassifierOptions.Method;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well a classifier predicts examples that it was not made of.
 *
 * @param method the one that is used
 * @param accuracy the share of the examples that is right
 * @param macroF1 the mean over classes of the harmonic mean of precision and recall
 * @param calibrationError the mean difference of probability and accuracy, in ten bins of equal
 *     width (expected calibration error; Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of
 *     Modern Neural Networks"); the temperature was chosen on the same examples
 * @param examples how many were predicted
 * @param folds in how many parts
 * @param accuracies of every method that was tried
 */
public record CrossValidation(
    Method method,
    double accuracy,
    double macroF1,
    double calibrationError,
    int examples,
    int folds,
    Map<Method, Double> accuracies) {
  public CrossValidation {
    accuracies = Collections.unmodifiableMap(new LinkedHashMap<>(accuracies));
  }
}
