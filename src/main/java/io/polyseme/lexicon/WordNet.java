package io.polyseme.lexicon;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import net.sf.extjwnl.JWNLException;
import net.sf.extjwnl.data.IndexWord;
import net.sf.extjwnl.data.POS;
import net.sf.extjwnl.data.PointerTarget;
import net.sf.extjwnl.data.PointerType;
import net.sf.extjwnl.data.Synset;
import net.sf.extjwnl.data.Word;
import net.sf.extjwnl.dictionary.Dictionary;
import org.jspecify.annotations.Nullable;

/**
 * WordNet (Princeton; Fellbaum 1998, "WordNet: An Electronic Lexical Database"), read through
 * extJWNL from its data jar. Thread-safe: calls wait for each other. Closed by whoever opened it.
 */
public final class WordNet implements AutoCloseable {
  private static final String DATA = "/net/sf/extjwnl/data/wordnet/%s/res_properties.xml";
  private static final Pattern POSITION = Pattern.compile("\\((a|p|ip)\\)");
  private static final Pattern EXAMPLE = Pattern.compile("\"([^\"]+)\"");

  /** The editions that extJWNL has data jars of. */
  public enum Version {
    /** Whose sense keys the public test sets of word sense disambiguation use. */
    V3_0("3.0", "wn30"),
    V3_1("3.1", "wn31");

    private final String number;
    private final String data;

    Version(String number, String data) {
      this.number = number;
      this.data = data;
    }

    /** As {@code 3.0}. */
    public String number() {
      return number;
    }
  }

  /** How a synset is related to others. */
  public enum Relation {
    /** To what it is a kind, or an instance, of. */
    HYPERNYM(PointerType.HYPERNYM, PointerType.INSTANCE_HYPERNYM),
    /** To its kinds and instances. */
    HYPONYM(PointerType.HYPONYM, PointerType.INSTANCES_HYPONYM),
    /** Between adjectives of like meaning. */
    SIMILAR(PointerType.SIMILAR_TO),
    /** To what WordNet says to see also. */
    ALSO_SEE(PointerType.SEE_ALSO);

    private final List<PointerType> types;

    Relation(PointerType... types) {
      this.types = List.of(types);
    }
  }

  private final Version version;
  private final Dictionary dictionary;

  /**
   * A set of synonyms with one meaning.
   *
   * @param id part of speech and offset in WordNet's files, as {@code n-09213565}
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

    /** The examples of the gloss, without their quotation marks. */
    public List<String> examples() {
      int example = gloss.indexOf("; \"");
      return example < 0
          ? List.of()
          : EXAMPLE
              .matcher(gloss.substring(example))
              .results()
              .map(match -> match.group(1).strip())
              .filter(text -> !text.isEmpty())
              .toList();
    }
  }

  /**
   * A word in one of its meanings.
   *
   * @param key its sense key, as {@code bank%1:17:01::}
   * @param lemma in lower case, with spaces between the words of a phrase
   * @param number its place among the lemma's senses of this part of speech, from 1; the most
   *     frequent in WordNet's tagged texts first
   * @param count how often it was tagged there
   */
  public record WordSense(String key, String lemma, int number, int count, Entry synset) {}

  private WordNet(Version version, Dictionary dictionary) {
    this.version = version;
    this.dictionary = dictionary;
  }

  /**
   * Opens WordNet 3.0.
   *
   * @throws PolysemeException if extJWNL or its data is not on the class path
   */
  public static WordNet open() {
    return open(Version.V3_0);
  }

  /**
   * Opens an edition of WordNet.
   *
   * @throws PolysemeException if extJWNL or the edition's data is not on the class path
   */
  public static WordNet open(Version version) {
    try {
      // All data jars have a resource of the usual name: this one names the version.
      try (InputStream properties =
          WordNet.class.getResourceAsStream(DATA.formatted(version.data))) {
        if (properties == null) {
          throw missing(version, null);
        }
        return new WordNet(version, Dictionary.getInstance(properties));
      }
    } catch (NoClassDefFoundError e) {
      throw missing(version, e);
    } catch (JWNLException | java.io.IOException e) {
      throw new PolysemeException("cannot read WordNet: " + e.getMessage(), e);
    }
  }

  private static PolysemeException missing(Version version, @Nullable Throwable cause) {
    return new PolysemeException(
        "WordNet %s is not on the class path: add net.sf.extjwnl:extjwnl and net.sf.extjwnl:extjwnl-data-%s"
            .formatted(version.number, version.data),
        cause);
  }

  public Version version() {
    return version;
  }

  /** Every lemma once, sorted, lower-case as in WordNet's index, phrases with spaces. */
  public synchronized List<String> lemmas() {
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
  public synchronized void forEach(Consumer<Entry> action) {
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

  /**
   * The senses of a lemma in WordNet's order.
   *
   * @param lemma in any case, phrases with spaces or underscores; not inflected
   * @param pos {@code n}, {@code v}, {@code a} or {@code r}
   * @return empty where WordNet has none
   */
  public synchronized List<WordSense> senses(String lemma, String pos) {
    try {
      IndexWord word = dictionary.getIndexWord(pos(pos), plain(lemma));
      if (word == null) {
        return List.of();
      }
      var senses = new ArrayList<WordSense>();
      for (Synset synset : word.getSenses()) {
        senses.add(sense(synset, word.getLemma(), senses.size() + 1));
      }
      return senses;
    } catch (JWNLException e) {
      throw new PolysemeException("cannot read WordNet's senses: " + e.getMessage(), e);
    }
  }

  private static WordSense sense(Synset synset, String lemma, int number) throws JWNLException {
    for (Word word : synset.getWords()) {
      if (plain(word.getLemma()).equals(plain(lemma))) {
        return new WordSense(
            word.getSenseKey(), plain(lemma), number, word.getUseCount(), entry(synset));
      }
    }
    throw new PolysemeException(
        "WordNet is damaged: \"%s\" is not in its own synset %s"
            .formatted(lemma, synset.getOffset()));
  }

  /**
   * The sense of a key.
   *
   * @param key with or without the marker of an adjective's position, as {@code (a)} in {@code
   *     previous%5:00:00:preceding(a):00}
   * @return empty where this edition has no such key
   */
  public Optional<WordSense> sense(String key) {
    String plain = POSITION.matcher(key).replaceAll("");
    int percent = plain.indexOf('%');
    if (percent <= 0 || percent + 1 == plain.length()) {
      return Optional.empty();
    }
    String pos =
        switch (plain.charAt(percent + 1)) {
          case '1' -> "n";
          case '2' -> "v";
          case '3', '5' -> "a";
          case '4' -> "r";
          default -> "";
        };
    return pos.isEmpty()
        ? Optional.empty()
        : senses(plain.substring(0, percent), pos).stream()
            .filter(sense -> sense.key().equals(plain))
            .findFirst();
  }

  /**
   * What a form may be an inflection of, by WordNet's morphology (its exceptions, then suffixes);
   * only lemmas that WordNet has for the part of speech.
   *
   * @param pos {@code n}, {@code v}, {@code a} or {@code r}
   */
  public synchronized List<String> baseForms(String form, String pos) {
    try {
      var forms = new LinkedHashSet<String>();
      if (dictionary.getIndexWord(pos(pos), plain(form)) != null) {
        forms.add(plain(form));
      }
      for (String base :
          dictionary.getMorphologicalProcessor().lookupAllBaseForms(pos(pos), plain(form))) {
        // extJWNL also offers the words within a phrase.
        if (words(base) == words(form) && dictionary.getIndexWord(pos(pos), plain(base)) != null) {
          forms.add(plain(base));
        }
      }
      return List.copyOf(forms);
    } catch (JWNLException e) {
      throw new PolysemeException("cannot read WordNet's forms: " + e.getMessage(), e);
    }
  }

  /**
   * The synsets that one is related to, in WordNet's order.
   *
   * @throws IllegalArgumentException if the synset is not of this edition
   */
  public synchronized List<Entry> related(Entry entry, Relation relation) {
    try {
      Synset synset =
          dictionary.getSynsetAt(
              pos(entry.pos()), Long.parseLong(entry.id().substring(entry.id().indexOf('-') + 1)));
      if (synset == null) {
        throw new IllegalArgumentException("WordNet has no synset " + entry.id());
      }
      var related = new LinkedHashSet<Entry>();
      for (PointerType type : relation.types) {
        for (PointerTarget target : synset.getTargets(type)) {
          related.add(entry(target.getSynset()));
        }
      }
      return List.copyOf(related);
    } catch (JWNLException e) {
      throw new PolysemeException("cannot read WordNet's relations: " + e.getMessage(), e);
    }
  }

  /**
   * Words and those they are related to: for each lemma of each synset a list of the lemma, the
   * others of the synset, and the lemmas of the synsets that it is related to; none where there are
   * no others. Lemmas are as in {@link Entry#lemmas()}.
   *
   * @param relations besides synonymy; may be empty
   * @throws io.polyseme.CancelledException if cancelled or interrupted
   */
  public synchronized List<List<String>> relatedWords(
      Set<Relation> relations, Progress progress, Cancel cancel) {
    List<Entry> synsets = new ArrayList<>();
    forEach(synsets::add);
    List<List<String>> lists = new ArrayList<>();
    int read = 0;
    for (Entry synset : synsets) {
      if (read++ % 1000 == 0) {
        cancel.check();
        progress.update("reading WordNet", read, synsets.size());
      }
      Set<String> all = new LinkedHashSet<>(synset.lemmas());
      for (Relation relation : relations) {
        related(synset, relation).forEach(other -> all.addAll(other.lemmas()));
      }
      if (all.size() > 1) {
        for (String lemma : synset.lemmas()) {
          var list = new LinkedHashSet<String>(List.of(lemma));
          list.addAll(all);
          lists.add(List.copyOf(list));
        }
      }
    }
    return lists;
  }

  private static POS pos(String letter) {
    POS pos = POS.getPOSForKey(letter);
    if (pos == null) {
      throw new IllegalArgumentException(
          "a part of speech of WordNet is n, v, a or r, and not \"%s\"".formatted(letter));
    }
    return pos;
  }

  private static long words(String phrase) {
    return plain(phrase).chars().filter(c -> c == ' ' || c == '-').count();
  }

  /** As lemmas are told: lower case, with spaces. */
  private static String plain(String lemma) {
    return lemma.strip().replace('_', ' ').toLowerCase(Locale.ROOT);
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
