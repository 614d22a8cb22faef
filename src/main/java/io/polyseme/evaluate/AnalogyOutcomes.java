package io.polyseme.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What became of questions, and how that is counted. */
final class AnalogyOutcomes {
  /** How many answers {@link AnalogyQuestions#TOP_5} looks at. */
  static final int TOP = 5;

  /**
   * Of one question.
   *
   * @param right without the inputs
   * @param rightWithInputs with the inputs among the words that can be answers
   * @param amongTop a right one is among the first {@link #TOP}, without the inputs
   */
  record Outcome(boolean scored, boolean right, boolean rightWithInputs, boolean amongTop) {
    static final Outcome SKIPPED = new Outcome(false, false, false, false);
  }

  private AnalogyOutcomes() {}

  /**
   * @param answers keys, the best first, the inputs among them: at least {@link #TOP} more than the
   *     inputs have labels, or all
   */
  static Outcome judge(List<String> answers, Set<String> inputs, Set<String> right) {
    List<String> others =
        answers.stream().filter(Predicate.not(inputs::contains)).limit(TOP).toList();
    return new Outcome(
        true,
        !others.isEmpty() && right.contains(others.getFirst()),
        !answers.isEmpty() && right.contains(answers.getFirst()),
        others.stream().anyMatch(right::contains));
  }

  /**
   * Counts.
   *
   * @param outcomes by section
   * @param unit what is counted, for the warning
   */
  static Evaluation evaluate(
      List<AnalogyQuestions.Section> sections, List<List<Outcome>> outcomes, String unit) {
    var scores = new ArrayList<Score>();
    var semantic = new ArrayList<Outcome>();
    var syntactic = new ArrayList<Outcome>();
    for (int i = 0; i < sections.size(); i++) {
      count(sections.get(i).name(), outcomes.get(i), scores);
      (sections.get(i).syntactic() ? syntactic : semantic).addAll(outcomes.get(i));
    }
    if (!semantic.isEmpty() && !syntactic.isEmpty()) {
      count("semantic", semantic, scores);
      count("syntactic", syntactic, scores);
    }
    semantic.addAll(syntactic);
    count("total", semantic, scores);
    Score total = scores.getLast();
    var warnings = new ArrayList<String>();
    if (total.skipped() > 0) {
      String empty =
          scores.stream()
              .filter(s -> s.n() == 0)
              .map(Score::section)
              .distinct()
              .collect(Collectors.joining(", "));
      warnings.add(
          "%d of %d %s were skipped: one of their words is not known%s"
              .formatted(
                  total.skipped(),
                  total.total(),
                  unit,
                  empty.isEmpty() ? "" : "; nothing is left of " + empty));
    }
    return new Evaluation(scores, warnings);
  }

  private static void count(String section, List<Outcome> outcomes, List<Score> into) {
    into.add(share(section, AnalogyQuestions.ACCURACY, outcomes, Outcome::right));
    into.add(share(section, AnalogyQuestions.INPUTS_KEPT, outcomes, Outcome::rightWithInputs));
    into.add(share(section, AnalogyQuestions.TOP_5, outcomes, Outcome::amongTop));
  }

  private static Score share(
      String section, String metric, List<Outcome> outcomes, Predicate<Outcome> counts) {
    int n = (int) outcomes.stream().filter(Outcome::scored).count();
    int right = (int) outcomes.stream().filter(counts).count();
    return Score.share(section, "", metric, right, n, outcomes.size());
  }
}
