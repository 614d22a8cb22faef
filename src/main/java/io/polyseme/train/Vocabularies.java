package io.polyseme.train;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.Encoder;
import io.polyseme.lexicon.ChineseDictionary;
import io.polyseme.lexicon.WordNet;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The vocabularies that word spaces are distilled for. */
public final class Vocabularies {
  private static final Pattern ENGLISH = Pattern.compile("[a-z][a-z'-]*[a-z]|[ai]");
  private static final Pattern HAN = Pattern.compile("\\p{IsHan}+");

  private Vocabularies() {}

  /**
   * English: the whole words among the tokenizer's pieces, most frequent first as the tokenizer has
   * them, which brings the inflected forms, then WordNet's other one-word lemmas in the order of
   * the alphabet.
   */
  public static Set<String> english(Encoder encoder) {
    var words = new LinkedHashSet<String>();
    for (String piece : encoder.vocabulary()) {
      String word = piece.toLowerCase(Locale.ROOT);
      if (ENGLISH.matcher(word).matches()) {
        words.add(word);
      }
    }
    try (WordNet wordNet = WordNet.open()) {
      for (String lemma : wordNet.lemmas()) {
        if (ENGLISH.matcher(lemma).matches()) {
          words.add(lemma);
        }
      }
    }
    return words;
  }

  /**
   * Chinese: the words of jieba's dictionary, most frequent first.
   *
   * @param leastFrequency words with a smaller count are left out
   */
  public static Set<String> chinese(long leastFrequency) {
    var words = new LinkedHashSet<String>();
    for (ChineseDictionary.Entry entry : ChineseDictionary.entries()) {
      if (entry.frequency() >= leastFrequency && HAN.matcher(entry.word()).matches()) {
        words.add(entry.word());
      }
    }
    return words;
  }

  /**
   * A file's words, one a line.
   *
   * @throws PolysemeException if it cannot be read, or has no word
   */
  public static Collection<String> file(Path file) {
    try {
      var words = new LinkedHashSet<String>();
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank()) {
          words.add(line.strip());
        }
      }
      if (words.isEmpty()) {
        throw new PolysemeException("the list of words " + file + " is empty");
      }
      return words;
    } catch (CharacterCodingException e) {
      throw new PolysemeException("the list of words " + file + " is not text in UTF-8", e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read the list of words " + file + ": " + e, e);
    }
  }
}
