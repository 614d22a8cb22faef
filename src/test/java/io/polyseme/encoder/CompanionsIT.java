package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import io.polyseme.model.ModelTarget;
import io.polyseme.vector.Vectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A text has the same vectors whatever is encoded beside it, in whatever order, on however many
 * threads and under whatever budget of tokens; and the same run again gives the same bits.
 */
@Timeout(300)
class CompanionsIT {
  /** Of numbers of which the greatest are of the size of one; about ten times what was seen. */
  private static final float FLOATS = 2e-5f;

  /** Sums of integers are exact; what float32 rounds otherwise may tip one to the next. */
  private static final double INTEGERS = 1 - 1e-4;

  private static final EncodeRequest REQUEST =
      EncodeRequest.ofWords().withSentence(true).withLayers(Layers.of(1, -1));

  private static List<String> texts(boolean chinese, Random random) {
    String[] words =
        chinese
            ? "他 坐在 河岸 上 银行 借钱 给 小 公司 天气 很 好 A4 纸 一 只 猫 睡觉 。".split(" ")
            : ("the bank of river lent unbelievable money to small firms , and a cat slept on "
                    + "grassy anthropomorphic shores .")
                .split(" ");
    Set<String> texts = new LinkedHashSet<>();
    while (texts.size() < 150) {
      // Short ones mostly, and now and then a long one.
      int length = random.nextInt(12) == 0 ? 40 + random.nextInt(120) : 1 + random.nextInt(25);
      texts.add(
          String.join(
              chinese ? "" : " ",
              IntStream.range(0, length)
                  .mapToObj(_ -> words[random.nextInt(words.length)])
                  .toList()));
    }
    return List.copyOf(texts);
  }

  private static Map<String, Encoded> encoded(Encoder encoder, List<String> texts) {
    Map<String, Encoded> all = new HashMap<>();
    encoder.encodeAll(
        texts.stream().map(TextInput::of).iterator(),
        REQUEST,
        result -> {
          Encoded encoded = ((EncodeResult.Done) result).encoded();
          all.put(encoded.text(), encoded);
        },
        Cancel.create());
    return all;
  }

  private static List<float[]> vectors(Encoded encoded) {
    var vectors = new ArrayList<float[]>();
    encoded.sentence().forEach(layer -> vectors.add(layer.vector()));
    encoded.words().forEach(word -> word.vectors().forEach(layer -> vectors.add(layer.vector())));
    return vectors;
  }

  private static void assertSame(Encoded expected, Encoded actual, boolean integers, String what) {
    List<float[]> one = vectors(expected);
    List<float[]> other = vectors(actual);
    assertEquals(one.size(), other.size(), what);
    for (int i = 0; i < one.size(); i++) {
      if (integers) {
        double cosine = Vectors.cosine(one.get(i), other.get(i));
        assertTrue(cosine >= INTEGERS, what + ": " + (1 - cosine) + " below a cosine of 1");
      } else {
        assertArrayEquals(one.get(i), other.get(i), FLOATS, what);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "all-minilm-l6-v2, false",
    "all-minilm-l6-v2, true",
    "bge-small-en-v1.5, false",
    "bge-small-zh-v1.5, false",
    "bge-small-zh-v1.5, true"
  })
  void vectorsAreTheSameInAnyCompany(String name, boolean integers, @TempDir Path folder) {
    ModelStore store = ModelStore.standard();
    ModelFiles files = store.open(name, Progress.NONE, Cancel.create());
    if (integers) {
      ModelTarget target = ModelTarget.of(folder.resolve("int8").toString());
      files = Quantiser.quantise(files, store, target, Progress.NONE, Cancel.create()).files();
    }
    var random = new Random(name.hashCode());
    List<String> texts = texts(name.contains("zh"), random);
    Map<String, Encoded> alone = new HashMap<>();
    try (Encoder encoder = Encoder.open(files, EncoderOptions.DEFAULT.withThreads(1))) {
      texts.forEach(text -> alone.put(text, encoder.encode(text, REQUEST)));
    }
    for (int round = 0; round < 6; round++) {
      EncoderOptions options =
          EncoderOptions.DEFAULT
              .withThreads(1 + random.nextInt(4))
              .withBatchTokens(16 << random.nextInt(9));
      var some = new ArrayList<>(texts);
      Collections.shuffle(some, random);
      List<String> chosen = some.subList(0, 20 + random.nextInt(texts.size() - 20));
      try (Encoder encoder = Encoder.open(files, options)) {
        Map<String, Encoded> once = encoded(encoder, chosen);
        Map<String, Encoded> twice = encoded(encoder, chosen);
        for (String text : chosen) {
          String what = "%s, %s".formatted(options, text);
          assertSame(alone.get(text), once.get(text), integers, what);
          List<float[]> first = vectors(once.get(text));
          List<float[]> second = vectors(twice.get(text));
          for (int i = 0; i < first.size(); i++) {
            assertArrayEquals(first.get(i), second.get(i), "again: " + what);
          }
        }
      }
    }
  }
}
