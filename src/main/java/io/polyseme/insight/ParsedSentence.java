package io.polyseme.insight;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Span;
import java.nio.file.Path;
import java.util.List;

/**
 * A sentence with its syntax, as the treebanks of Universal Dependencies have it (Nivre et al.
 * 2020, "Universal Dependencies v2: An Evergrowing Multilingual Treebank Collection").
 *
 * @param id the file's name for it; empty where it has none
 * @param text the sentence as it is written
 * @param words in their order
 */
public record ParsedSentence(String id, String text, List<Word> words) {
  public ParsedSentence {
    words = List.copyOf(words);
  }

  /**
   * A syntactic word.
   *
   * @param form the word; of a contraction (as <i>du</i> for <i>de le</i>) its part
   * @param span where it stands in the text; of a contraction's parts where that stands
   * @param pos the universal part of speech; {@code _} where it is not given
   * @param head the number of the word that it depends on, from 0; -1 for the root
   * @param relation to its head, with its subtype: {@code nsubj:pass}
   */
  public record Word(String form, Span span, String pos, int head, String relation) {}

  /**
   * Reads a file in the CoNLL-U format (https://universaldependencies.org/format.html). Empty nodes
   * and enhanced dependencies are passed over.
   *
   * @throws PolysemeException if it cannot be read, has no sentence, or a line is malformed, with
   *     its number
   */
  public static List<ParsedSentence> read(Path file) {
    return new ConlluReader(file).read();
  }
}
