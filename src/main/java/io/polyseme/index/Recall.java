package io.polyseme.index;

/**
 * How much of what an exact search finds the graph search finds too.
 *
 * @param recall recall@k: the mean share, from 0 to 1
 * @param sampled how many vectors of the index were asked for their neighbours
 * @param k how many neighbours each
 * @param efSearch how many candidates the graph search kept
 * @param meanVisited how many vectors it compared, on average
 * @param approximateMillis its mean time
 * @param exactMillis the mean time of an exact search, from a few of them
 */
public record Recall(
    double recall,
    int sampled,
    int k,
    int efSearch,
    double meanVisited,
    double approximateMillis,
    double exactMillis) {}
