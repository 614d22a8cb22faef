package io.polyseme.collection;

import io.polyseme.cluster.ScoredWord;
import java.util.List;

/**
 * A cluster of a collection.
 *
 * @param number from 1, that with the most entries
 * @param name the words that set it apart most, or its most central texts where there are none
 * @param size how many entries it has, copies among them
 * @param cohesion the mean cosine of its texts and their mean, from -1 to 1
 * @param words what sets its texts apart from those of the other clusters, best first
 * @param examples its most central texts, best first
 */
public record TextCluster(
    int number,
    String name,
    int size,
    double cohesion,
    List<ScoredWord> words,
    List<Example> examples) {

  /**
   * A text of the cluster.
   *
   * @param score its cosine with the mean of the cluster
   */
  public record Example(Member member, double score) {}

  public TextCluster {
    words = List.copyOf(words);
    examples = List.copyOf(examples);
  }
}
