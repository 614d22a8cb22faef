package io.polyseme.train.transformer;

import java.time.Duration;

/**
 * How far a training is.
 *
 * @param step done
 * @param steps in all
 * @param tokens gone through so far
 * @param totalTokens in all
 * @param loss lately, smoothed; NaN before the first step
 * @param rate the learning rate
 * @param tokensPerSecond since the training began or went on
 * @param left an estimate of the time to the end
 */
public record PretrainProgress(
    int step,
    int steps,
    long tokens,
    long totalTokens,
    double loss,
    double rate,
    double tokensPerSecond,
    Duration left) {}
