/**
 * Groups of vectors, whatever they are of: {@link io.polyseme.cluster.KMeans k-means}, {@link
 * io.polyseme.cluster.Communities communities} and {@link io.polyseme.cluster.Hdbscan HDBSCAN} over
 * a {@link io.polyseme.cluster.NeighbourGraph graph of nearest neighbours}, the {@link
 * io.polyseme.cluster.Keywords words} that set groups of texts apart, and how well groups agree
 * with {@link io.polyseme.cluster.ClusterMeasures known ones}.
 */
@NullMarked
package io.polyseme.cluster;

import org.jspecify.annotations.NullMarked;
