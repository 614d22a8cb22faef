package io.polyseme.lexicon;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import opennlp.tools.postag.POSModel;
import opennlp.tools.postag.ThreadSafePOSTaggerME;
import opennlp.tools.sentdetect.SentenceModel;
import opennlp.tools.sentdetect.ThreadSafeSentenceDetectorME;
import opennlp.tools.tokenize.ThreadSafeTokenizerME;
import opennlp.tools.tokenize.TokenizerModel;
import opennlp.tools.util.Span;

/**
 * The sentences, tokens and parts of speech of English text, by Apache OpenNLP's models, which were
 * trained on the English Web Treebank of Universal Dependencies. Thread-safe.
 */
public final class EnglishTagger {
  private static final String MODEL = "/opennlp-en-ud-ewt-%s-1.3-2.5.4.bin";

  private final ThreadSafeSentenceDetectorME sentences;
  private final ThreadSafeTokenizerME tokens;
  private final ThreadSafePOSTaggerME tags;

  /**
   * A token.
   *
   * @param start where it stands in the text, in UTF-16 units
   * @param end behind its last one
   * @param tag a part of speech of Universal Dependencies, as {@code NOUN} or {@code AUX}
   */
  public record Token(int start, int end, String tag) {}

  private EnglishTagger() throws IOException {
    sentences = new ThreadSafeSentenceDetectorME(new SentenceModel(open("sentence")));
    tokens = new ThreadSafeTokenizerME(new TokenizerModel(open("tokens")));
    tags = new ThreadSafePOSTaggerME(new POSModel(open("pos")));
  }

  /**
   * Opens the models, which takes about half a second.
   *
   * @throws PolysemeException if OpenNLP or a model is not on the class path
   */
  public static EnglishTagger open() {
    try {
      return new EnglishTagger();
    } catch (NoClassDefFoundError e) {
      throw missing("opennlp-tools", e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read OpenNLP's models: " + e.getMessage(), e);
    }
  }

  private static InputStream open(String name) {
    InputStream in = EnglishTagger.class.getResourceAsStream(MODEL.formatted(name));
    if (in == null) {
      String jar =
          switch (name) {
            case "sentence" -> "sentdetect";
            case "tokens" -> "tokenizer";
            default -> name;
          };
      throw missing("opennlp-models-" + jar + "-en", null);
    }
    return in;
  }

  private static PolysemeException missing(
      String artifact, @org.jspecify.annotations.Nullable Throwable cause) {
    return new PolysemeException(
        "English words cannot be tagged: add org.apache.opennlp:%s to the class path"
            .formatted(artifact),
        cause);
  }

  /**
   * The sentences of a text, each by its tokens.
   *
   * @param text of any length; empty text has no sentences
   */
  public List<List<Token>> tag(String text) {
    var tagged = new ArrayList<List<Token>>();
    for (Span sentence : sentences.sentPosDetect(text)) {
      String part = text.substring(sentence.getStart(), sentence.getEnd());
      Span[] places = tokens.tokenizePos(part);
      String[] words = Span.spansToStrings(places, part);
      String[] found = tags.tag(words);
      var of = new ArrayList<Token>(places.length);
      for (int i = 0; i < places.length; i++) {
        of.add(
            new Token(
                sentence.getStart() + places[i].getStart(),
                sentence.getStart() + places[i].getEnd(),
                found[i]));
      }
      tagged.add(of);
    }
    return tagged;
  }
}
