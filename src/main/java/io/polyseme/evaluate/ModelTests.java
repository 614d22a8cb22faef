package io.polyseme.evaluate;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.model.Pooling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Public test sets by which a model that was made of another, by quantising say, is held against
 * it: sentence similarity as {@link SentencePairs} scores it, and coarse senses in context as
 * {@link CoarseSenses} does.
 *
 * @param sentences null where there is no such set
 * @param senses null where there is no such set
 */
public record ModelTests(@Nullable SentencePairs sentences, @Nullable CoarseSenses senses) {
  /**
   * One figure of both models, from the same items.
   *
   * @param test {@code sts} or {@code coarse}, as the commands are called that give the same
   * @param before of the model that the other was made of
   * @param made of the one that was made
   */
  public record Figure(String test, Score before, Score made) {}

  /**
   * What both models came to.
   *
   * @param warnings what the reader of the figures should know, each once; often empty
   */
  public record Figures(List<Figure> figures, List<String> warnings) {
    public Figures {
      figures = List.copyOf(figures);
      warnings = List.copyOf(warnings);
    }
  }

  public ModelTests {
    if (sentences == null && senses == null) {
      throw new IllegalArgumentException("there is nothing to test by");
    }
  }

  /**
   * Reads those of a language that lie in a folder: for Chinese {@code
   * csts-zh/Chinese-STS-B/sts-b-dev.txt}; otherwise {@code stsb/sts-dev.csv} and CoarseWSD-20 as
   * {@code coarsewsd20}. One that is not there is left out.
   *
   * @param language as a model's card has it; empty for English
   * @throws PolysemeException if none is there, or one is malformed
   */
  public static ModelTests in(Path folder, String language) {
    boolean chinese = language.equals("zh");
    Path sentences =
        chinese
            ? folder.resolve("csts-zh").resolve("Chinese-STS-B").resolve("sts-b-dev.txt")
            : folder.resolve("stsb").resolve("sts-dev.csv");
    Path senses = chinese ? null : folder.resolve("coarsewsd20");
    boolean paired = Files.exists(sentences);
    boolean sensed = senses != null && Files.exists(senses);
    if (!paired && !sensed) {
      throw new PolysemeException(
          "%s %s; %s is expected there"
              .formatted(
                  folder,
                  Files.isDirectory(folder) ? "has no test set" : "is no folder",
                  Stream.of(sentences, senses)
                      .filter(set -> set != null)
                      .map(set -> folder.relativize(set).toString())
                      .collect(Collectors.joining(" or "))));
    }
    return new ModelTests(
        paired ? SentencePairs.read(sentences) : null,
        sensed ? tested(CoarseSenses.read(senses)) : null);
  }

  /** Without the words that have no test part, of which there are many and nothing to say. */
  private static CoarseSenses tested(CoarseSenses all) {
    return new CoarseSenses(
        all.words().stream().filter(word -> !word.test().isEmpty()).toList(), all.division());
  }

  /**
   * Scores both models: Spearman's correlation of sentence vectors at the last layer, and macro-F1
   * of senses at the layer in the middle and at the last (at the last alone where the graph of one
   * is not understood). A model whose files do not say how sentence vectors are pooled is scored by
   * the mean of its last hidden states.
   *
   * @param before the model that the other was made of; stays open
   * @param made the one that was made, with as many layers; stays open
   * @throws PolysemeException if nothing can be encoded, or a model fails
   * @throws io.polyseme.CancelledException if cancelled
   */
  public Figures compare(Encoder before, Encoder made, Progress progress, Cancel cancel) {
    var figures = new ArrayList<Figure>();
    var warnings = new ArrayList<String>();
    if (sentences != null) {
      warnings.addAll(sentences.notes());
      SentenceComparison comparison =
          sentences.compare(
              SentenceVectors.of(before, sentenceRequest(before)),
              SentenceVectors.of(made, sentenceRequest(made)),
              SentenceOptions.DEFAULT,
              progress,
              cancel);
      add(figures, warnings, "sts", "spearman", comparison.first(), comparison.second());
    }
    if (senses != null) {
      EncodeRequest request = EncodeRequest.ofWords().withLayers(senseLayers(before, made));
      add(
          figures,
          warnings,
          "coarse",
          "macro-f1",
          score(senses, before, request, progress, cancel),
          score(senses, made, request, progress, cancel));
    }
    return new Figures(figures, warnings.stream().distinct().toList());
  }

  private static EncodeRequest sentenceRequest(Encoder encoder) {
    EncodeRequest request = EncodeRequest.ofSentences();
    return encoder.info().card().pooling() == null
        ? request.withSentencePooling(Pooling.MEAN)
        : request;
  }

  private static Layers senseLayers(Encoder before, Encoder made) {
    int layers = Math.min(before.info().layers(), made.info().layers());
    return layers < 2 ? Layers.last() : Layers.of(layers / 2, -1);
  }

  private static Evaluation score(
      CoarseSenses senses,
      Encoder encoder,
      EncodeRequest request,
      Progress progress,
      Cancel cancel) {
    return senses.score(
        ContextVectors.of(encoder, request), CoarseOptions.DEFAULT, progress, cancel);
  }

  /** Adds what summarises a test: the mean where there are several sections. */
  private static void add(
      List<Figure> figures,
      List<String> warnings,
      String test,
      String metric,
      Evaluation before,
      Evaluation made) {
    warnings.addAll(before.warnings());
    warnings.addAll(made.warnings());
    List<Score> first = summaries(metric, before);
    List<Score> second = summaries(metric, made);
    for (int i = 0; i < first.size(); i++) {
      figures.add(new Figure(test, first.get(i), second.get(i)));
    }
  }

  private static List<Score> summaries(String metric, Evaluation evaluation) {
    List<Score> scores =
        evaluation.scores().stream().filter(score -> score.metric().equals(metric)).toList();
    String last = scores.getLast().section();
    return scores.stream().filter(score -> score.section().equals(last)).toList();
  }
}
