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
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The vocabularies that word spaces are distilled for. */
public final class Vocabularies {
  private static final Pattern ENGLISH = Pattern.compile("[a-z][a-z'-]*[a-z]|[ai]");
  private static final Pattern HAN = Pattern.compile("\\p{IsHan}+");

  /** The least count of a word of one or two characters, and of a longer one. */
  private static final long SHORT_WORD = 10;

  private static final long LONG_WORD = 30;

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
   * Chinese: some 84,000 words of jieba's dictionary, most frequent first: those of one or two
   * characters that were counted 10 times or more, longer ones from 30 times on (the others are
   * mostly names and rare compounds, which crowd the neighbourhood of every word), and whatever the
   * count the inhabitants of places, as 瑞士人 of 瑞士.
   */
  public static Set<String> chinese() {
    List<ChineseDictionary.Entry> entries = ChineseDictionary.entries();
    Set<String> places = new HashSet<>();
    for (ChineseDictionary.Entry entry : entries) {
      if (entry.tag().startsWith("ns")) {
        places.add(entry.word());
      }
    }
    var words = new LinkedHashSet<String>();
    for (ChineseDictionary.Entry entry : entries) {
      String word = entry.word();
      int longest = word.length() - 1;
      boolean inhabitant =
          longest > 0 && word.charAt(longest) == '人' && places.contains(word.substring(0, longest));
      long least = longest < 2 ? SHORT_WORD : LONG_WORD;
      if (HAN.matcher(word).matches() && (inhabitant || entry.frequency() >= least)) {
        words.add(word);
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
