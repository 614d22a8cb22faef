package io.polyseme.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderOptions;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.Role;
import io.polyseme.evaluate.SentencePairs.Pair;
import io.polyseme.evaluate.SentencePairs.Section;
import io.polyseme.model.ModelStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sentence pairs with a real model. */
@Timeout(900)
class SentencePairsIT {
  private static final SentencePairs OURS =
      new SentencePairs(
          List.of(
              new Section(
                  "ours",
                  "",
                  List.of(
                      new Pair("A cat is asleep on the sofa.", "The cat sleeps on the couch.", 5),
                      new Pair("The shop opens at nine.", "At nine o'clock the store opens.", 4.8),
                      new Pair("She sold her old bicycle.", "She bought a new bicycle.", 2.6),
                      new Pair("He plays the violin.", "A man plays an instrument.", 3.2),
                      new Pair("Snow fell on the village.", "It snowed in the small town.", 4),
                      new Pair("The train was late again.", "Bread is baked in an oven.", 0),
                      new Pair("He plays the violin.", "The price of oil fell.", 0),
                      new Pair("A dog runs on the beach.", "A cat is asleep on the sofa.", 1)),
                  0)),
          List.of());

  private static Encoder encoder(String model, int threads) {
    return Encoder.open(
        ModelStore.standard().open(model, Progress.NONE, Cancel.create()),
        EncoderOptions.DEFAULT.withThreads(threads));
  }

  private static Evaluation score(SentencePairs pairs, SentenceVectors vectors) {
    return pairs.score(vectors, SentenceOptions.DEFAULT, Progress.NONE, Cancel.create());
  }

  @Test
  void aModelAgreesWithPeople() {
    try (Encoder one = encoder("bge-small-en-v1.5", 1);
        Encoder two = encoder("bge-small-en-v1.5", 2)) {
      EncodeRequest request = EncodeRequest.ofSentences();
      Evaluation evaluation =
          score(OURS, SentenceVectors.of(one, request.withLayers(Layers.all())));
      assertEquals(2 * (one.info().layers() + 1), evaluation.scores().size());
      Score last = evaluation.scores().get(2 * one.info().layers());
      assertEquals("spearman", last.metric());
      assertEquals(Integer.toString(one.info().layers()), last.layer());
      assertTrue(last.value() > 0.8, evaluation.toString());
      assertEquals(8, last.n());
      assertEquals(List.of(), evaluation.warnings());

      SentenceVectors function =
          SentenceVectors.of(
              3, texts -> texts.stream().map(t -> two.encode(t, request).vector()).toList());
      SentenceComparison same =
          OURS.compare(
              SentenceVectors.of(one, request),
              function,
              SentenceOptions.DEFAULT,
              Progress.NONE,
              Cancel.create());
      assertTrue(same.agreements().getFirst().least() > 1 - 1e-6, same.toString());
      assertEquals(0, same.differences().getFirst().value(), 1e-9);

      SentenceVectors asQueries = SentenceVectors.of(one, request.withRole(Role.QUERY));
      SentenceComparison queries =
          OURS.compare(
              SentenceVectors.of(two, request),
              asQueries,
              SentenceOptions.DEFAULT,
              Progress.NONE,
              Cancel.create());
      assertTrue(
          queries.agreements().getFirst().mean() < 0.99,
          "sentences are not encoded as queries, with an instruction: " + queries);
    }
  }

  /**
   * What the model's authors give in its model card for MTEB's STS13, STS14 and STS15, which are
   * these files put together. Of the other sets they give other parts.
   */
  @Test
  void theFieldsFiguresAreFoundAgain() {
    String data = System.getProperty("polyseme.data", "");
    assumeTrue(
        !data.isEmpty() && Files.isDirectory(Path.of(data, "sts", "2013")),
        "skipped: no STS sets; give the folder that holds stsb, sts and csts-zh with -Dpolyseme.data=FOLDER");
    SentencePairs english =
        SentencePairs.read(
            List.of(
                Path.of(data, "stsb", "sts-dev.csv"),
                Path.of(data, "sts", "2013"),
                Path.of(data, "sts", "2014"),
                Path.of(data, "sts", "2015"),
                Path.of(data, "sts", "sick2014", "SICK_trial.txt")));
    try (Encoder encoder = encoder("bge-small-en-v1.5", 2)) {
      Evaluation evaluation =
          score(english, SentenceVectors.of(encoder, EncodeRequest.ofSentences()));
      assertPublished(0.8298, 1500, "2013/all.test", evaluation);
      assertPublished(0.8184, 3750, "2014/all.test", evaluation);
      assertPublished(0.8726, 3000, "2015/all.test", evaluation);
      assertTrue(evaluation.score("stsb/sts-dev", "spearman").value() > 0.85);
      assertTrue(evaluation.score("sick2014/SICK_trial", "spearman").value() > 0.75);
      assertEquals(5, english.notes().stream().filter(n -> n.contains("no score")).count());
    }
    SentencePairs chinese =
        SentencePairs.read(
            List.of(
                Path.of(data, "csts-zh", "Chinese-STS-B", "sts-b-dev.txt"),
                Path.of(data, "csts-zh", "AFQMC")));
    try (Encoder encoder = encoder("bge-small-zh-v1.5", 2)) {
      Evaluation evaluation =
          score(chinese, SentenceVectors.of(encoder, EncodeRequest.ofSentences()));
      assertTrue(evaluation.score("Chinese-STS-B/sts-b-dev", "spearman").value() > 0.7);
      assertEquals(4316, evaluation.score("AFQMC/dev", "spearman").n());
    }
  }

  private static void assertPublished(
      double expected, int pairs, String section, Evaluation evaluation) {
    Score score = evaluation.score(section, "spearman");
    assertEquals(pairs, score.n(), section);
    assertEquals(expected, score.value(), 0.001, section);
  }
}
