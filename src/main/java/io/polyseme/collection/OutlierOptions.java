package io.polyseme.collection;

import java.util.Objects;

/**
 * How outliers are found.
 *
 * @param neighbours how many of each text's nearest others are looked at, from 1
 */
public record OutlierOptions(Measure measure, int neighbours) {
  public static final OutlierOptions DEFAULT = new OutlierOptions(Measure.DISTANCE, 10);

  /** What makes an outlier. */
  public enum Measure {
    /**
     * How far its nearest others are: one less the mean of their cosines, from 0 to 2 (Angiulli and
     * Pizzuti 2002, "Fast Outlier Detection in High Dimensional Spaces").
     */
    DISTANCE,
    /**
     * How much farther its nearest others are than theirs are from each other: the local outlier
     * factor (Breunig, Kriegel, Ng and Sander 2000, "LOF: Identifying Density-Based Local
     * Outliers"), about 1 for what lies among its like, by Euclidean distances at unit length.
     */
    LOF
  }

  public OutlierOptions {
    Objects.requireNonNull(measure, "measure");
    if (neighbours < 1) {
      throw new IllegalArgumentException("neighbours must be at least 1: " + neighbours);
    }
  }

  public OutlierOptions withMeasure(Measure measure) {
    return new OutlierOptions(measure, neighbours);
  }

  public OutlierOptions withNeighbours(int neighbours) {
    return new OutlierOptions(measure, neighbours);
  }
}
