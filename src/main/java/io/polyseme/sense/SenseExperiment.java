package io.polyseme.sense;

import com.carrotsearch.hppc.IntArrayList;
import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.Encoder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Senses told of words whose senses are known, for measuring. A corpus is encoded once, its
 * sentences with their neighbours; then any part of it can be learned from, and any part told. Not
 * thread-safe; closes neither the inventory nor the encoder.
 */
public final class SenseExperiment {
  private final SenseInventory inventory;
  private final Encoder encoder;
  private final List<SenseMethod> methods;
  private final UsageSpace base;
  private final Progress progress;
  private final Cancel cancel;
  private final Map<String, List<Sense>> candidates = new HashMap<>();

  /** The glosses and examples of the senses that words may have. */
  private final Map<String, GatheredSense> texts = new LinkedHashMap<>();

  /**
   * What was answered to one item.
   *
   * @param word with the labels that the corpus gives it
   * @param gold the inventory's ids of these
   * @param answers by method, the likeliest sense
   */
  public record Answer(
      LabelledText.Word word, Set<String> gold, Map<SenseMethod, RankedSense> answers) {}

  /**
   * @param methods those that are tried
   */
  public SenseExperiment(
      SenseInventory inventory,
      Encoder encoder,
      List<SenseMethod> methods,
      Progress progress,
      Cancel cancel) {
    this.inventory = inventory;
    this.encoder = encoder;
    this.methods = List.copyOf(methods);
    this.progress = progress;
    this.cancel = cancel;
    this.base = SenseTexts.standardised(inventory, encoder, cancel);
  }

  /** The words of a corpus that have a sense of the inventory, encoded. */
  private UsageTable encode(LabelledCorpus corpus) {
    var table = new UsageTable(base.dimension());
    SenseIndex.encode(corpus, inventory, encoder, base, table, progress, cancel);
    return table;
  }

  /**
   * Learns from all folds but one, and tells that one; each in its turn. A document, taken in the
   * order of their names, is in the fold of its number modulo the number of folds.
   */
  public List<Answer> crossValidate(LabelledCorpus corpus, int folds) {
    List<String> documents = corpus.documents();
    if (folds < 2 || documents.size() < folds) {
      throw new IllegalArgumentException(
          "%d documents cannot be parted into %d folds".formatted(documents.size(), folds));
    }
    Map<String, Integer> fold = new HashMap<>();
    for (int i = 0; i < documents.size(); i++) {
      fold.put(documents.get(i), i % folds);
    }
    UsageTable table = encode(corpus);
    encodeTexts(table);
    var learner = learner(table);
    var answers = new ArrayList<Answer>();
    for (int f = 0; f < folds; f++) {
      var train = new IntArrayList();
      var test = new IntArrayList();
      for (int row = 0; row < table.size(); row++) {
        (fold.get(table.get(row).document()) == f ? test : train).add(row);
      }
      SenseVectors vectors = needsVectors() ? learner.learn(train) : learner.counted(train);
      answers.addAll(tell(vectors, table, test, "fold " + (f + 1) + " of " + folds));
    }
    return answers;
  }

  /**
   * Tells a corpus's senses.
   *
   * @param train learned from; empty for what the inventory itself says
   */
  public List<Answer> test(List<LabelledCorpus> train, LabelledCorpus test) {
    var table = new UsageTable(base.dimension());
    for (LabelledCorpus corpus : train) {
      SenseIndex.encode(corpus, inventory, encoder, base, table, progress, cancel);
    }
    UsageTable asked = encode(test);
    if (train.isEmpty() && !needsVectors()) {
      return tell(LazyVectors.of(inventory, encoder, base), asked, asked.rows(), test.name());
    }
    SenseVectors vectors;
    if (train.isEmpty()) { // all examples together make the space
      encodeTexts(SenseTexts.ambiguous(inventory));
      vectors = SenseLearner.ofTexts(base, texts, Map.of());
    } else {
      encodeTexts(asked);
      encodeTexts(table);
      SenseLearner learner = learner(table);
      vectors = needsVectors() ? learner.learn(table.rows()) : learner.counted(table.rows());
    }
    return tell(vectors, asked, asked.rows(), test.name());
  }

  private boolean needsVectors() {
    return methods.stream().anyMatch(m -> m != SenseMethod.FREQUENCY && m != SenseMethod.LESK);
  }

  private SenseLearner learner(UsageTable table) {
    return new SenseLearner(inventory, base, table, texts, progress, cancel);
  }

  /** Encodes the texts of the senses that a table's words may have. */
  private void encodeTexts(UsageTable table) {
    if (!needsVectors()) {
      return;
    }
    Map<String, Sense> wanted = new LinkedHashMap<>();
    for (int row = 0; row < table.size(); row++) {
      List<Sense> of = candidates(table.get(row).word());
      if (of.size() > 1) {
        of.forEach(sense -> wanted.put(sense.id(), sense));
      }
    }
    encodeTexts(wanted.values());
  }

  private void encodeTexts(Collection<Sense> senses) {
    List<Sense> missing = senses.stream().filter(sense -> !texts.containsKey(sense.id())).toList();
    texts.putAll(SenseTexts.gather(missing, base, inventory, encoder, progress, cancel));
  }

  private List<Sense> candidates(LabelledText.Word word) {
    return candidates.computeIfAbsent(
        word.lemma() + "\t" + word.pos(), _ -> inventory.senses(word.lemma(), word.pos()));
  }

  private List<Answer> tell(
      SenseVectors vectors, UsageTable asked, IntArrayList test, String task) {
    Map<SenseMethod, Disambiguator> by = new EnumMap<>(SenseMethod.class);
    Disambiguator first = Disambiguator.of(inventory, encoder, vectors);
    for (SenseMethod method : methods) {
      by.put(method, first.withMethod(method));
    }
    var answers = new ArrayList<Answer>(test.size());
    for (int i = 0; i < test.size(); i++) {
      if (i % 1000 == 0) {
        cancel.check();
        progress.update("telling " + task, i, test.size());
      }
      int row = test.get(i);
      UsageTable.Usage usage = asked.get(row);
      var word =
          new AnalysedWord(usage.word().span(), List.of(usage.word().lemma()), usage.word().pos());
      float[] placed = vectors.space().whiten(asked.vector(row));
      Map<SenseMethod, RankedSense> told = new EnumMap<>(SenseMethod.class);
      for (SenseMethod method : methods) {
        told.put(method, by.get(method).rank(word, placed, usage.text()).best());
      }
      answers.add(new Answer(usage.word(), Set.copyOf(usage.senses()), told));
    }
    progress.update("telling " + task, test.size(), test.size());
    return answers;
  }
}
