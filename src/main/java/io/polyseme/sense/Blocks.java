package io.polyseme.sense;

import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * Sentences of a corpus joined with their neighbours: a word's sense often shows in the sentence
 * before (Hadiwinoto, Ng and Gan 2019, "Improved Word Sense Disambiguation Using Pre-Trained
 * Contextualized Word Representations", section 3). Each sentence is in one block, so that a corpus
 * is encoded once.
 */
final class Blocks {
  private Blocks() {}

  /**
   * Joins the sentences of each document, in their order, until a block has enough words.
   *
   * @param words how many words, by white space, a block has at least, but for a document's last
   */
  static List<LabelledText> of(List<LabelledText> sentences, int words) {
    var blocks = new ArrayList<LabelledText>();
    var text = new StringBuilder();
    var labelled = new ArrayList<LabelledText.Word>();
    String document = "";
    int count = 0;
    for (LabelledText sentence : sentences) {
      if (!text.isEmpty() && (count >= words || !sentence.document().equals(document))) {
        blocks.add(new LabelledText(document, text.toString(), labelled));
        text.setLength(0);
        labelled.clear();
        count = 0;
      }
      document = sentence.document();
      if (!text.isEmpty()) {
        text.append(' ');
      }
      int shift = text.length();
      text.append(sentence.text());
      for (LabelledText.Word word : sentence.words()) {
        labelled.add(
            new LabelledText.Word(
                word.id(),
                new Span(word.span().start() + shift, word.span().end() + shift),
                word.lemma(),
                word.pos(),
                word.senses()));
      }
      count += sentence.text().split("\\s+").length;
    }
    if (!text.isEmpty()) {
      blocks.add(new LabelledText(document, text.toString(), labelled));
    }
    return blocks;
  }
}
