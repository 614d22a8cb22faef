package io.polyseme.train;

import java.time.Duration;

/**
 * How far a training has come.
 *
 * @param words of the text gone through so far, over all epochs
 * @param totalWords that will be gone through
 * @param epoch the one that is on, from 1
 * @param epochs how many there are
 * @param loss the mean of what a prediction and its negatives cost lately, in nats: at the
 *     beginning (1 + negatives) * ln 2; NaN before anything was measured
 * @param rate the learning rate
 * @param wordsPerSecond since the training began
 * @param left an estimate of the time to the end
 */
public record TrainingProgress(
    long words,
    long totalWords,
    int epoch,
    int epochs,
    double loss,
    double rate,
    double wordsPerSecond,
    Duration left) {}
