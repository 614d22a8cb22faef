package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.insight.HeadVotes.Item;
import io.polyseme.insight.RelationHead.Direction;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which heads find syntactic relations and antecedents: whether the word that a head looks at most,
 * special tokens, marks and the word itself apart, is the right one (Clark et al. 2019, sections
 * 4.2 and 4.3). For each relation the best head is chosen on every other sentence and scored on the
 * rest, as are its controls: the word at the best fixed distance, and the best of as many heads
 * whose attention was shuffled.
 *
 * <p>Thread-safe; to be used while the encoder is open.
 */
public final class HeadTrial {
  /** The fewest questions of either half that a relation is scored with. */
  public static final int LEAST = 10;

  private final Inside inside;
  private final long seed;

  /**
   * @param seed of the shuffled attention
   */
  public HeadTrial(Inside inside, long seed) {
    this.inside = inside;
    this.seed = seed;
  }

  /** The question of one kind. */
  private record Kind(String relation, Direction direction) implements Comparable<Kind> {
    /** The same in every run. */
    long hashed() {
      return 31L * relation.hashCode() + direction.ordinal();
    }

    @Override
    public int compareTo(Kind other) {
      int byName = relation.compareTo(other.relation);
      return byName != 0 ? byName : direction.compareTo(other.direction);
    }
  }

  private record Question(Kind kind, Item item) {}

  private record Sentence(int half, TokenisedText text, Units units, List<Question> questions) {}

  /**
   * Scores syntactic relations, {@code root} and {@code punct} apart.
   *
   * @param warnings told of sentences that are left out, because they do not fit the model's window
   * @return relations with at least {@link #LEAST} questions in both halves, those first that a
   *     head finds best beyond its controls
   * @throws PolysemeException if no relation has so many
   * @throws io.polyseme.CancelledException if cancelled
   */
  public List<RelationHead> ofSyntax(
      List<ParsedSentence> sentences, List<String> warnings, Progress progress, Cancel cancel) {
    var asked = new ArrayList<Sentence>();
    int left = 0;
    for (int i = 0; i < sentences.size(); i++) {
      ParsedSentence sentence = sentences.get(i);
      List<TokenisedText> pieces = inside.tokeniseInPieces(sentence.text(), inside.info().window());
      if (pieces.size() > 1) {
        left++;
        continue;
      }
      Units units =
          Units.of(
              pieces.getFirst(), sentence.words().stream().map(ParsedSentence.Word::span).toList());
      asked.add(new Sentence(i % 2, pieces.getFirst(), units, questions(sentence, units)));
    }
    if (left > 0) {
      warnings.add(
          "%d sentences do not fit the window of %d tokens and are left out"
              .formatted(left, inside.info().window()));
    }
    List<RelationHead> scores = score(asked, progress, cancel);
    if (scores.isEmpty()) {
      throw new PolysemeException(
          "no relation has %d questions in both halves of the %d sentences; more sentences are needed"
              .formatted(LEAST, sentences.size()));
    }
    return scores.stream()
        .sorted(Comparator.comparingDouble(RelationHead::gain).reversed())
        .toList();
  }

  private static List<Question> questions(ParsedSentence sentence, Units units) {
    var candidates = new ArrayList<Integer>();
    for (int w = 0; w < sentence.words().size(); w++) {
      int unit = units.given(w);
      if (unit >= 0 && isWord(sentence.words().get(w)) && !candidates.contains(unit)) {
        candidates.add(unit);
      }
    }
    candidates.sort(null);
    var questions = new ArrayList<Question>();
    Map<String, Map<Integer, Set<Integer>>> dependents = new TreeMap<>();
    for (int w = 0; w < sentence.words().size(); w++) {
      ParsedSentence.Word word = sentence.words().get(w);
      if (word.head() < 0 || !isWord(word) || !isWord(sentence.words().get(word.head()))) {
        continue;
      }
      int dependent = units.given(w);
      int head = units.given(word.head());
      if (dependent < 0 || head < 0 || dependent == head) {
        continue;
      }
      add(
          questions,
          new Kind(word.relation(), Direction.TO_HEAD),
          dependent,
          Set.of(head),
          candidates);
      dependents
          .computeIfAbsent(word.relation(), _ -> new TreeMap<>())
          .computeIfAbsent(head, _ -> new HashSet<>())
          .add(dependent);
    }
    dependents.forEach(
        (relation, byHead) ->
            byHead.forEach(
                (head, right) ->
                    add(
                        questions,
                        new Kind(relation, Direction.TO_DEPENDENT),
                        head,
                        right,
                        candidates)));
    return questions;
  }

  private static boolean isWord(ParsedSentence.Word word) {
    return !word.relation().equals("punct")
        && word.form().codePoints().anyMatch(Character::isLetterOrDigit);
  }

  private static void add(
      List<Question> questions,
      Kind kind,
      int query,
      Set<Integer> right,
      List<Integer> candidates) {
    int[] others = candidates.stream().filter(c -> c != query).mapToInt(c -> c).toArray();
    var rights = new boolean[others.length];
    boolean any = false;
    for (int i = 0; i < others.length; i++) {
      rights[i] = right.contains(others[i]);
      any |= rights[i];
    }
    if (any) {
      questions.add(new Question(kind, new Item(query, others, rights)));
    }
  }

  /**
   * Scores how pronouns find their antecedents, among all words and among the nouns.
   *
   * @param sentences in twins, as {@link PronounSentence#bundled()} gives them: two and two stay in
   *     one half
   * @return {@link Direction#TO_ANTECEDENT} and {@link Direction#TO_ANTECEDENT_AMONG_NOUNS}
   * @throws PolysemeException if there are fewer than four times {@link #LEAST}
   * @throws io.polyseme.CancelledException if cancelled
   */
  public List<RelationHead> ofPronouns(
      List<PronounSentence> sentences, Progress progress, Cancel cancel) {
    var asked = new ArrayList<Sentence>();
    for (int i = 0; i < sentences.size(); i++) {
      PronounSentence sentence = sentences.get(i);
      TokenisedText text = inside.tokenise(sentence.text());
      Units units = Units.of(text);
      int pronoun = unit(units, text, sentence.pronoun());
      int antecedent = unit(units, text, sentence.antecedent());
      var nouns = new ArrayList<>(List.of(antecedent));
      sentence.others().forEach(other -> nouns.add(unit(units, text, other)));
      nouns.sort(null);
      var words = new ArrayList<Integer>();
      for (int unit = 0; unit < units.count(); unit++) {
        if (units.word(unit)) {
          words.add(unit);
        }
      }
      var questions = new ArrayList<Question>();
      Set<Integer> right = Set.of(antecedent);
      add(questions, new Kind("pronoun", Direction.TO_ANTECEDENT), pronoun, right, words);
      add(
          questions,
          new Kind("pronoun", Direction.TO_ANTECEDENT_AMONG_NOUNS),
          pronoun,
          right,
          nouns);
      asked.add(new Sentence(i / 2 % 2, text, units, questions));
    }
    List<RelationHead> scores = score(asked, progress, cancel);
    if (scores.isEmpty()) {
      throw new PolysemeException(
          "%d sentences with pronouns are too few to choose a head and to score it"
              .formatted(sentences.size()));
    }
    return scores;
  }

  private static int unit(Units units, TokenisedText text, Span span) {
    for (int unit = 0; unit < units.count(); unit++) {
      Span first = units.unit(unit).span();
      if (first != null && first.start() < span.end() && span.start() < first.end()) {
        return unit;
      }
    }
    throw new PolysemeException(
        "the model has no token for \"%s\"".formatted(span.of(text.texts().getFirst())));
  }

  private List<RelationHead> score(List<Sentence> sentences, Progress progress, Cancel cancel) {
    int heads = inside.info().heads();
    Map<Kind, HeadVotes> votes = new TreeMap<>();
    Set<Tap> taps = new HashSet<>();
    for (int layer = 1; layer <= inside.layers(); layer++) {
      taps.add(new Tap.Attention(layer));
    }
    int[] next = {0};
    inside.activations(
        sentences.stream().map(Sentence::text).iterator(),
        ActivationRequest.of(taps),
        values -> {
          Sentence sentence = sentences.get(next[0]++);
          for (Question question : sentence.questions) {
            votes
                .computeIfAbsent(
                    question.kind,
                    kind -> new HeadVotes(inside.layers(), heads, seed + kind.hashed()))
                .ask(sentence.half, question.item);
          }
          answer(sentence, values, votes);
          progress.update("reading sentences", next[0], sentences.size());
        },
        cancel);
    var scores = new ArrayList<RelationHead>();
    votes.forEach(
        (kind, of) -> {
          if (of.least() >= LEAST) {
            scores.add(of.score(kind.relation, kind.direction));
          }
        });
    return scores;
  }

  private void answer(Sentence sentence, Activations values, Map<Kind, HeadVotes> votes) {
    int units = sentence.units.count();
    var joined = new float[units * units];
    for (int layer = 1; layer <= inside.layers(); layer++) {
      float[] attention = values.all(new Tap.Attention(layer));
      for (int head = 0; head < inside.info().heads(); head++) {
        sentence.units.join(attention, head, joined);
        for (Question question : sentence.questions) {
          HeadVotes of = votes.get(question.kind);
          if (of != null) {
            of.answer(sentence.half, question.item, layer, head, joined, units);
          }
        }
      }
    }
  }
}
