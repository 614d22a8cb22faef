package io.polyseme.search;

import io.polyseme.TextLanguage;
import io.polyseme.encoder.Encoder;
import io.polyseme.sense.Analyser;
import io.polyseme.sense.SenseInventory;
import io.polyseme.sense.WordNetInventory;
import io.polyseme.vector.Span;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the words of a corpus are found: English is tagged and lemmatised, in any other language a
 * word is its own lemma. Closed by whoever opened it.
 */
public final class Language implements AutoCloseable {
  /** For sources whose words nobody asks for. */
  static final Language NONE = new Language(null, null);

  private static final int EXPLAINED = 200;

  private final @Nullable Analyser analyser;
  private final @Nullable WordNetInventory inventory;

  private Language(@Nullable Analyser analyser, @Nullable WordNetInventory inventory) {
    this.analyser = analyser;
    this.inventory = inventory;
  }

  /**
   * What fits a corpus.
   *
   * @param sample some of its text
   * @throws io.polyseme.PolysemeException if it is English, and WordNet or OpenNLP is not on the
   *     class path
   */
  static Language of(String sample, Encoder encoder) {
    return TextLanguage.isEnglish(sample) ? english() : plain(encoder::words);
  }

  /** Of which nothing is known but where its words are. */
  static Language plain(Function<String, List<Span>> words) {
    return new Language(Analyser.plain(words), null);
  }

  /** English, whatever the text. */
  static Language english() {
    WordNetInventory inventory = WordNetInventory.open();
    try {
      return new Language(Analyser.english(inventory), inventory);
    } catch (RuntimeException e) {
      inventory.close();
      throw e;
    }
  }

  /**
   * Whether an inventory is of English: the text that is asked about shows it, or the glosses and
   * examples of its first lemmas do.
   */
  public static boolean isEnglish(SenseInventory inventory, String text) {
    return TextLanguage.isEnglish(text)
        || TextLanguage.isEnglish(
            inventory
                .lemmas()
                .limit(EXPLAINED)
                .flatMap(lemma -> inventory.senses(lemma, null).stream())
                .flatMap(
                    sense -> Stream.concat(Stream.of(sense.gloss()), sense.examples().stream()))
                .collect(Collectors.joining(" ")));
  }

  Analyser analyser() {
    if (analyser == null) {
      throw new IllegalStateException("no words are looked for");
    }
    return analyser;
  }

  @Override
  public void close() {
    if (inventory != null) {
      inventory.close();
    }
  }
}
