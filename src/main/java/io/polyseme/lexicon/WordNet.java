package io.polyseme.lexicon;

import io.polyseme.PolysemeException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.IndexWord;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.data.Word;
import net.sf.extjwnl.dictionary.Dictionary;

/**
 * WordNet 3.0 (Princeton; Fellbaum 1998, "WordNet: An Electronic Lexical Database"), read through
 * extJWNL from its data jar. Not for several threads at once; closed by whoever opened it.
 */
public final class WordNet implements AutoCloseable {
  private static final String DATA = "/net/sf/extjwnl/data/wordnet/wn30/res_properties.xml";

  private final Dictionary dictionary;

  /**
   * A set of synonyms with one meaning.
   *
   * @param id part of speech and offset in WordNet 3.0's files, as {@code n-09213565}
   * @param pos {@code n}, {@code v}, {@code a} or {@code r}
   * @param lemmas its words, most usual first, with spaces between the words of a phrase
   * @param topic its lexicographer file, as {@code noun.animal} or {@code verb.motion}
   * @param gloss its definition and examples as WordNet has them
   */
  public record Entry(String id, String pos, List<String> lemmas, String topic, String gloss) {
    public Entry {
      lemmas = List.copyOf(lemmas);
    }

    /** The gloss without its examples. */
    public String definition() {
      int example = gloss.indexOf("; \"");
      return (example < 0 ? gloss : gloss.substring(0, example)).strip();
    }
  }

  private WordNet(Dictionary dictionary) {
    this.dictionary = dictionary;
  }

  /**
   * Opens WordNet 3.0.
   *
   * @throws PolysemeException if extJWNL or its data is not on the class path
   */
  public static WordNet open() {
    try {
      // Both data jars, 3.0 and 3.1, have a resource of the usual name: this one names the version.
      try (InputStream properties = WordNet.class.getResourceAsStream(DATA)) {
        if (properties == null) {
          throw missing(null);
        }
        return new WordNet(Dictionary.getInstance(properties));
      }
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    } catch (JWNLException | java.io.IOException e) {
      throw new PolysemeException("cannot read WordNet: " + e.getMessage(), e);
    }
  }

  private static PolysemeException missing(Throwable cause) {
    return new PolysemeException(
        "WordNet is not on the class path: add net.sf.extjwnl:extjwnl and"
            + " net.sf.extjwnl:extjwnl-data-wn30",
        cause);
  }

  /** Every lemma once, sorted, lower-case as in WordNet's index, phrases with spaces. */
  public List<String> lemmas() {
    var lemmas = new TreeSet<String>();
    try {
      for (POS pos : POS.values()) {
        Iterator<IndexWord> words = dictionary.getIndexWordIterator(pos);
        while (words.hasNext()) {
          lemmas.add(words.next().getLemma().replace('_', ' '));
        }
      }
    } catch (JWNLException e) {
      throw new PolysemeException("cannot read WordNet's lemmas: " + e.getMessage(), e);
    }
    return List.copyOf(lemmas);
  }

  /** Every synset, by part of speech (n, v, a, r), in the order of WordNet's files. */
  public void forEach(Consumer<Entry> action) {
    try {
      for (POS pos : POS.values()) {
        Iterator<Synset> synsets = dictionary.getSynsetIterator(pos);
        while (synsets.hasNext()) {
          action.accept(entry(synsets.next()));
        }
      }
    } catch (JWNLException e) {
      throw new PolysemeException("cannot read WordNet's glosses: " + e.getMessage(), e);
    }
  }

  private static Entry entry(Synset synset) {
    var lemmas = new ArrayList<String>();
    for (Word word : synset.getWords()) {
      lemmas.add(word.getLemma().replace('_', ' '));
    }
    String pos = synset.getPOS().getKey();
    return new Entry(
        "%s-%08d".formatted(pos, synset.getOffset()),
        pos,
        lemmas,
        synset.getLexFileName(),
        synset.getGloss().strip());
  }

  @Override
  public void close() {
    try {
      dictionary.close();
    } catch (JWNLException e) {
      throw new PolysemeException("cannot close WordNet: " + e.getMessage(), e);
    }
  }
}
