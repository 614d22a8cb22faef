package io.polyseme.evaluate;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.TextInput;
import io.polyseme.evaluate.Intervals.Interval;
import io.polyseme.vector.Span;
import java.io.IOException;
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
import java.util.stream.Stream;

/**
 * Words with a few coarse senses each, and texts in which they stand: CoarseWSD-20 (Loureiro,
 * Rezaee, Pilehvar and Camacho-Collados 2021, "Analysis and Evaluation of Language Models for Word
 * Sense Disambiguation").
 *
 * @param words by name
 */
public record CoarseSenses(List<Word> words) {
  private static final String EXPECTED =
      "a folder of CoarseWSD-20 (a folder for each word, with classes_map.txt, train.data.txt,"
          + " train.gold.txt, test.data.txt and test.gold.txt)";

  private static final String CLASSES = "classes_map.txt";

  /** What summarises the words, in the place of a word's name. */
  public static final String MEAN = "mean";

  /**
   * An ambiguous word.
   *
   * @param senses from the number that the texts give to the sense's name
   * @param train texts to learn from
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
   * @param sense its number among the word's senses
   */
  public record Example(String text, Span span, String sense) {
    public Example {
      span.of(text);
    }
  }

  public CoarseSenses {
    words = List.copyOf(words);
  }

  /**
   * Reads the whole set, or one word's folder. A word without a test part is read all the same.
   *
   * @throws PolysemeException if there is no such folder, a file is missing, or a line is
   *     malformed, with its number
   */
  public static CoarseSenses read(Path folder) {
    return read(folder, List.of());
  }

  /**
   * Reads some of the words.
   *
   * @param names the folders' names; all of them where this is empty
   * @throws PolysemeException as {@link #read(Path)} does, or if there is no such word, or it has
   *     no test part
   */
  public static CoarseSenses read(Path folder, Collection<String> names) {
    if (!Files.isDirectory(folder)) {
      throw new PolysemeException(
          "%s %s; %s is expected there"
              .formatted(
                  folder, Files.exists(folder) ? "is no folder" : "does not exist", EXPECTED));
    }
    if (names.isEmpty() && Files.exists(folder.resolve(CLASSES))) {
      return new CoarseSenses(List.of(readWord(folder)));
    }
    List<Path> there;
    try (Stream<Path> entries = Files.list(folder)) {
      there = entries.filter(f -> Files.exists(f.resolve(CLASSES))).sorted().toList();
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
    if (there.isEmpty()) {
      throw new PolysemeException(
          "%s has no word folders; %s is expected there".formatted(folder, EXPECTED));
    }
    if (names.isEmpty()) {
      return new CoarseSenses(there.stream().map(CoarseSenses::readWord).toList());
    }
    var words = new ArrayList<Word>();
    for (String name : names) {
      Path path =
          there.stream()
              .filter(f -> f.getFileName().toString().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new PolysemeException(
                          "%s has no word \"%s\"; there are %s"
                              .formatted(
                                  folder,
                                  name,
                                  there.stream()
                                      .map(f -> f.getFileName().toString())
                                      .collect(Collectors.joining(", ")))));
      Word word = readWord(path);
      if (word.test.isEmpty()) {
        throw new PolysemeException(
            "%s has no test part; test.data.txt and test.gold.txt are expected there"
                .formatted(path));
      }
      words.add(word);
    }
    return new CoarseSenses(words);
  }

  private static Word readWord(Path folder) {
    Map<String, String> senses = readSenses(folder.resolve(CLASSES));
    boolean tested =
        Files.exists(folder.resolve("test.data.txt"))
            || Files.exists(folder.resolve("test.gold.txt"));
    return new Word(
        String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
        senses,
        readExamples(folder, "train", senses),
        tested ? readExamples(folder, "test", senses) : List.of());
  }

  private static Map<String, String> readSenses(Path path) {
    String text =
        TestFile.read(path, "a JSON object from sense numbers to names").lines().stream()
            .map(TestFile.Line::text)
            .collect(Collectors.joining("\n"));
    var senses = new LinkedHashMap<String, String>();
    try {
      for (Map.Entry<String, JsonElement> entry :
          JsonParser.parseString(text).getAsJsonObject().entrySet()) {
        senses.put(entry.getKey(), entry.getValue().getAsString());
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new PolysemeException(
          "%s is no JSON object from sense numbers to names: %s".formatted(path, e.getMessage()),
          e);
    }
    return senses;
  }

  private static List<Example> readExamples(Path folder, String part, Map<String, String> senses) {
    TestFile data =
        TestFile.read(
            folder.resolve(part + ".data.txt"), "the index of a token, a tab and a text a line");
    TestFile gold =
        TestFile.read(
            folder.resolve(part + ".gold.txt"), "the number of a sense for each line of the texts");
    if (data.lines().size() != gold.lines().size()) {
      throw new PolysemeException(
          "%s has %d lines and %s has %d; a sense is needed for each text"
              .formatted(data.path(), data.lines().size(), gold.path(), gold.lines().size()));
    }
    var examples = new ArrayList<Example>();
    for (int i = 0; i < data.lines().size(); i++) {
      TestFile.Line label = gold.lines().get(i);
      String sense = label.text().strip();
      if (!senses.containsKey(sense)) {
        throw gold.malformed(
            label, "not a sense of %s, which has %s".formatted(CLASSES, senses.keySet()));
      }
      examples.add(example(data, data.lines().get(i), sense));
    }
    return examples;
  }

  private static Example example(TestFile file, TestFile.Line line, String sense) {
    int tab = line.text().indexOf('\t');
    if (tab < 0) {
      throw file.malformed(line, "no tab between the token's index and the text");
    }
    int index;
    try {
      index = Integer.parseInt(line.text().substring(0, tab).strip());
    } catch (NumberFormatException _) {
      throw file.malformed(line, "the token's index is no number");
    }
    String text = line.text().substring(tab + 1);
    List<Span> tokens = tokens(text);
    if (index < 0 || index >= tokens.size()) {
      throw file.malformed(
          line, "there is no token %d among the text's %d".formatted(index, tokens.size()));
    }
    return new Example(text, tokens.get(index), sense);
  }

  /**
   * What stands between white space. The set's indices were counted by Python, to which no-break
   * spaces are white space, as they are not to {@link Character#isWhitespace}.
   */
  private static List<Span> tokens(String text) {
    var tokens = new ArrayList<Span>();
    int start = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean space = i == text.length() || isSpace(text.charAt(i));
      if (!space && start < 0) {
        start = i;
      } else if (space && start >= 0) {
        tokens.add(new Span(start, i));
        start = -1;
      }
    }
    return tokens;
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
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
    for (Word word : words) {
      if (word.test.isEmpty()) {
        warnings.add("%s has no test part and is left out".formatted(word.name));
        continue;
      }
      var trial = new SenseTrial(word);
      trials.add(trial);
      for (Example example : drawn(word, options)) {
        jobs.add(new Job(trial, example, true));
      }
      word.test.forEach(example -> jobs.add(new Job(trial, example, false)));
    }
    if (trials.isEmpty()) {
      throw new PolysemeException("none of the words has a test part; there is nothing to score");
    }
    vectors.encodeAll(
        jobs.stream().map(job -> TextInput.of(job.example.text, job.example.span)).iterator(),
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
    var outcomes = new ArrayList<List<SenseTrial.Outcome>>();
    int total = 0;
    for (SenseTrial trial : trials) {
      warnings.addAll(trial.warnings());
      total += trial.word().test.size();
      List<SenseTrial.Outcome> ofWord = trial.outcomes(options, cancel);
      if (!ofWord.isEmpty()) {
        outcomes.add(ofWord);
        ofWord.forEach(outcome -> scores.addAll(outcome.scores(trial.word())));
      }
    }
    if (outcomes.isEmpty()) {
      throw new PolysemeException("no test text could be encoded; " + String.join("; ", warnings));
    }
    if (outcomes.size() > 1) {
      scores.addAll(means(outcomes, total));
    }
    return new Evaluation(scores, warnings);
  }

  private record Job(SenseTrial trial, Example example, boolean training) {}

  /** The training texts, or as many of each sense as were asked for. */
  private static List<Example> drawn(Word word, CoarseOptions options) {
    if (options.examples() == 0) {
      return word.train;
    }
    var shuffled = new ArrayList<>(word.train);
    Collections.shuffle(shuffled, new Random(options.seed()));
    Map<String, Integer> taken = new LinkedHashMap<>();
    return shuffled.stream()
        .filter(e -> taken.merge(e.sense, 1, Integer::sum) <= options.examples())
        .toList();
  }

  private static List<Score> means(List<List<SenseTrial.Outcome>> outcomes, int total) {
    var scores = new ArrayList<Score>();
    int n = outcomes.stream().mapToInt(o -> o.getFirst().n()).sum();
    for (int layer = 0; layer < outcomes.getFirst().size(); layer++) {
      int at = layer;
      List<SenseTrial.Outcome> ofLayer = outcomes.stream().map(o -> o.get(at)).toList();
      String name = ofLayer.getFirst().layer();
      scores.add(
          mean(
              name,
              "macro-f1",
              ofLayer.stream().mapToDouble(SenseTrial.Outcome::macroF1).toArray(),
              ofLayer.stream().map(SenseTrial.Outcome::resampledF1).toList(),
              n,
              total));
      scores.add(
          mean(
              name,
              "accuracy",
              ofLayer.stream().mapToDouble(SenseTrial.Outcome::accuracy).toArray(),
              ofLayer.stream().map(SenseTrial.Outcome::resampledAccuracy).toList(),
              n,
              total));
    }
    return scores;
  }

  private static Score mean(
      String layer, String metric, double[] values, List<double[]> resampled, int n, int total) {
    double value = 0;
    var means = new double[resampled.getFirst().length];
    for (int word = 0; word < values.length; word++) {
      value += values[word] / values.length;
      for (int i = 0; i < means.length; i++) {
        means[i] += resampled.get(word)[i] / values.length;
      }
    }
    Interval interval = Intervals.percentile(means);
    return new Score(MEAN, layer, metric, value, interval.low(), interval.high(), n, total);
  }
}
