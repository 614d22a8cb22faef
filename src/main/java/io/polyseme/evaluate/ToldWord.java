package io.polyseme.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * What telling a word's senses came to.
 *
 * @param outcome of the vectors
 * @param floor of the sense that is the most frequent among what was learned from
 */
record ToldWord(PlacedWord asked, int total, SenseOutcome outcome, SenseOutcome floor) {
  /**
   * @param total how many texts there are with those that could not be encoded
   * @param told by the vectors, for each round
   * @param mostFrequent likewise
   */
  static ToldWord of(
      PlacedWord asked,
      int total,
      String layers,
      List<int[]> told,
      List<int[]> mostFrequent,
      CoarseOptions options) {
    int senses = asked.senseCount();
    return new ToldWord(
        asked,
        total,
        SenseOutcome.of(layers, asked.senses(), told, senses, options),
        SenseOutcome.of("", asked.senses(), mostFrequent, senses, options));
  }

  List<Score> scores() {
    return scores(asked.word().name(), outcome, floor, total);
  }

  /** The means over words. */
  static List<Score> means(String section, List<ToldWord> words) {
    int n = words.stream().mapToInt(word -> word.outcome.n()).sum();
    return scores(
        section,
        SenseOutcome.mean(words.stream().map(ToldWord::outcome).toList(), n),
        SenseOutcome.mean(words.stream().map(ToldWord::floor).toList(), n),
        words.stream().mapToInt(ToldWord::total).sum());
  }

  /** Shares of the items of all words. */
  static List<Score> ofAllItems(String section, List<ToldWord> words) {
    int n = words.stream().mapToInt(word -> word.outcome.n()).sum();
    int total = words.stream().mapToInt(ToldWord::total).sum();
    var scores = new ArrayList<Score>();
    scores.add(
        share(
            section,
            CoarseTrial.ACCURACY,
            words.stream().map(ToldWord::outcome).toList(),
            n,
            total));
    scores.add(
        share(
            section,
            CoarseTrial.MOST_FREQUENT + CoarseTrial.ACCURACY,
            words.stream().map(ToldWord::floor).toList(),
            n,
            total));
    return scores;
  }

  private static Score share(
      String section, String metric, List<SenseOutcome> outcomes, int n, int total) {
    int right = outcomes.stream().mapToInt(SenseOutcome::right).sum();
    return Score.share(section, outcomes.getFirst().layer(), metric, right, n, total);
  }

  private static List<Score> scores(
      String section, SenseOutcome outcome, SenseOutcome floor, int total) {
    var scores = new ArrayList<>(outcome.scores(section, total));
    for (Score score : floor.scores(section, total)) {
      scores.add(
          new Score(
              score.section(),
              "",
              CoarseTrial.MOST_FREQUENT + score.metric(),
              score.value(),
              score.low(),
              score.high(),
              score.n(),
              score.total()));
    }
    return scores;
  }
}
