package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.TextInput;
import io.polyseme.vector.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Words with a few coarse senses each, and texts in which they stand: CoarseWSD-20 (Loureiro,
 * Rezaee, Pilehvar and Camacho-Collados 2021, "Analysis and Evaluation of Language Models for Word
 * Sense Disambiguation"), the lexical samples of hard, line, serve and interest as Senseval's XML
 * has them (Leacock, Towell and Voorhees 1993; Bruce and Wiebe 1994), and SememeWSD (Hou, Qi, Zang,
 * Zhang, Liu and Sun 2020, "Try to Substitute: An Unsupervised Chinese Word Sense Disambiguation
 * Method Based on HowNet").
 *
 * @param words by name
 * @param division what is learned from, and what is told
 */
public record CoarseSenses(List<Word> words, Division division) {
  /** What summarises the words, in the place of a word's name. */
  public static final String MEAN = "mean";

  /** What a set is learned from, and what of it is told. */
  public enum Division {
    /** The set has a part for each. */
    PARTS,
    /** One half at random, of each sense alike, and the other. */
    HALVES,
    /** Every text by all others of the word. */
    LEAVE_ONE_OUT
  }

  /**
   * An ambiguous word.
   *
   * @param senses from what the texts call the sense to its name
   * @param train texts to learn from; all texts where the set has no parts
   * @param test texts to be tested on; empty where the set has none
   */
  public record Word(
      String name, Map<String, String> senses, List<Example> train, List<Example> test) {
    public Word {
      senses = Collections.unmodifiableMap(new LinkedHashMap<>(senses));
      train = List.copyOf(train);
      test = List.copyOf(test);
    }
  }

  /**
   * The word in a text.
   *
   * @param span where it stands
   * @param sense one of the keys of the word's senses
   */
  public record Example(String text, Span span, String sense) {
    public Example {
      span.of(text);
    }

    TextInput input() {
      return TextInput.of(text, span);
    }
  }

  public CoarseSenses {
    words = List.copyOf(words);
  }

  /**
   * Reads a set: a folder of CoarseWSD-20 or of one of its words, a file of Senseval's XML or of
   * SememeWSD, or a folder of such files. Which it is is told by what lies there. A word without a
   * test part is read all the same.
   *
   * @throws PolysemeException if there is nothing there, a file is missing, or a line is malformed,
   *     with its number
   */
  public static CoarseSenses read(Path path) {
    return read(path, List.of());
  }

  /**
   * Reads some of the words.
   *
   * @param names all of them where this is empty
   * @throws PolysemeException as {@link #read(Path)} does, or if there is no such word, or it has
   *     no test part in a set that has parts
   */
  public static CoarseSenses read(Path path, Collection<String> names) {
    return Files.isDirectory(path) && CoarseWsdReader.isThere(path)
        ? new CoarseSenses(CoarseWsdReader.read(path, names), Division.PARTS)
        : SenseSamples.read(path, names);
  }

  /** The texts' own words, one text at most: by its script the language is told. */
  public String sample() {
    return words.stream()
        .flatMap(word -> word.train.stream())
        .map(Example::text)
        .findFirst()
        .orElse("");
  }

  static PolysemeException unknown(Path path, String name, Collection<String> there) {
    return new PolysemeException(
        "%s has no word \"%s\"; there are %s"
            .formatted(path, name, there.stream().collect(Collectors.joining(", "))));
  }

  /**
   * Learns the senses of each word from its training texts, tells those of its test texts, and
   * counts, for every layer in one pass. A sense is the mean of the word's vectors in that sense,
   * each of unit length; a test text has the sense whose mean has the greatest cosine with the
   * word's vector (1-NN over sense means).
   *
   * <p>Macro-F1 is the mean of the F1 of each sense that occurs in the test or among the answers.
   * Test texts that cannot be encoded are left out, and words without a test part.
   *
   * @return for each word and layer {@code macro-f1}, with an interval of bootstrap percentiles
   *     over the test texts, and {@code accuracy}, with Wilson's; with more than one word, for
   *     {@link #MEAN} and each layer the means over the words, whose intervals are of the bootstrap
   * @throws PolysemeException if no word has a test part, or the vectors cannot be made
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Evaluation score(
      ContextVectors vectors, CoarseOptions options, Progress progress, Cancel cancel) {
    var warnings = new ArrayList<String>();
    var trials = new ArrayList<SenseTrial>();
    var jobs = new ArrayList<Job>();
    for (Word word : tested(warnings)) {
      var trial = new SenseTrial(word);
      trials.add(trial);
      for (Example example : drawn(word, options.examples(), options.seed())) {
        jobs.add(new Job(trial, example, true));
      }
      word.test.forEach(example -> jobs.add(new Job(trial, example, false)));
    }
    vectors.encodeAll(
        jobs.stream().map(job -> job.example.input()).iterator(),
        result -> {
          Job job = jobs.get((int) result.index());
          switch (result) {
            case EncodeResult.Done done -> {
              var layers = done.encoded().words().getFirst().vectors();
              if (job.training) {
                job.trial.learn(job.example.sense, layers);
              } else {
                job.trial.tell(job.example.sense, layers);
              }
            }
            case EncodeResult.Failed failed -> job.trial.fail(failed.error());
          }
          progress.update("encoding " + job.trial.word().name, result.index() + 1, jobs.size());
        },
        cancel);
    var scores = new ArrayList<Score>();
    var outcomes = new ArrayList<List<SenseOutcome>>();
    int total = 0;
    for (SenseTrial trial : trials) {
      warnings.addAll(trial.warnings());
      total += trial.word().test.size();
      List<SenseOutcome> ofWord = trial.outcomes(options, cancel);
      if (!ofWord.isEmpty()) {
        outcomes.add(ofWord);
        ofWord.forEach(
            outcome -> scores.addAll(outcome.scores(trial.word().name, trial.word().test.size())));
      }
    }
    if (outcomes.isEmpty()) {
      throw new PolysemeException("no test text could be encoded; " + String.join("; ", warnings));
    }
    if (outcomes.size() > 1) {
      for (int layer = 0; layer < outcomes.getFirst().size(); layer++) {
        int at = layer;
        scores.addAll(
            SenseOutcome.means(MEAN, outcomes.stream().map(o -> o.get(at)).toList(), total));
      }
    }
    return new Evaluation(scores, warnings);
  }

  private record Job(SenseTrial trial, Example example, boolean training) {}

  /**
   * The words that have a test part.
   *
   * @param warnings told of those that have none
   * @throws PolysemeException if that is all of them
   */
  List<Word> tested(List<String> warnings) {
    var tested = new ArrayList<Word>();
    for (Word word : words) {
      if (word.test.isEmpty()) {
        warnings.add("%s has no test part and is left out".formatted(word.name));
      } else {
        tested.add(word);
      }
    }
    if (tested.isEmpty()) {
      throw new PolysemeException("none of the words has a test part; there is nothing to score");
    }
    return tested;
  }

  /**
   * The training texts, or so many of each sense.
   *
   * @param examples of each sense; 0 for all
   */
  static List<Example> drawn(Word word, int examples, long seed) {
    if (examples == 0) {
      return word.train;
    }
    var shuffled = new ArrayList<>(word.train);
    Collections.shuffle(shuffled, new Random(seed));
    Map<String, Integer> taken = new LinkedHashMap<>();
    return shuffled.stream()
        .filter(e -> taken.merge(e.sense, 1, Integer::sum) <= examples)
        .toList();
  }
}
