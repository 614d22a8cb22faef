package io.polyseme.sense;

import io.polyseme.NearNames;
import io.polyseme.lexicon.WordNet;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** WordNet's senses by their sense keys, with lemmas found by its morphology. */
public final class WordNetInventory implements SenseInventory {
  private static final List<PartOfSpeech> PARTS =
      List.of(PartOfSpeech.NOUN, PartOfSpeech.VERB, PartOfSpeech.ADJECTIVE, PartOfSpeech.ADVERB);

  private final WordNet wordNet;
  private @Nullable List<String> lemmas;

  private WordNetInventory(WordNet wordNet) {
    this.wordNet = wordNet;
  }

  /** WordNet 3.0, whose keys the public test sets use. */
  public static WordNetInventory open() {
    return open(WordNet.Version.V3_0);
  }

  /**
   * An edition of WordNet.
   *
   * @throws io.polyseme.PolysemeException if it is not on the class path
   */
  public static WordNetInventory open(WordNet.Version version) {
    return new WordNetInventory(WordNet.open(version));
  }

  @Override
  public String name() {
    return "wordnet-" + wordNet.version().number();
  }

  @Override
  public String fingerprint() {
    return name(); // Princeton does not change an edition
  }

  private static List<PartOfSpeech> parts(@Nullable PartOfSpeech pos) {
    return pos == null ? PARTS : PARTS.contains(pos) ? List.of(pos) : List.of();
  }

  @Override
  public List<Sense> senses(String lemma, @Nullable PartOfSpeech pos) {
    return parts(pos).stream()
        .flatMap(part -> wordNet.senses(lemma, part.letter()).stream())
        .map(WordNetInventory::sense)
        .toList();
  }

  private static Sense sense(WordNet.WordSense it) {
    return new Sense(
        it.key(),
        it.lemma(),
        PartOfSpeech.parse(it.synset().pos()).orElseThrow(),
        it.number(),
        it.count(),
        it.synset().definition(),
        it.synset().examples(),
        it.synset().lemmas().stream().filter(l -> !l.equalsIgnoreCase(it.lemma())).toList(),
        it.synset().topic());
  }

  @Override
  public Optional<Sense> sense(String id) {
    return wordNet.sense(id).map(WordNetInventory::sense);
  }

  @Override
  public List<Sense> broader(Sense sense) {
    return related(sense, WordNet.Relation.HYPERNYM);
  }

  @Override
  public List<Sense> narrower(Sense sense) {
    return related(sense, WordNet.Relation.HYPONYM);
  }

  /** A synset stands as the sense of its first word. */
  private List<Sense> related(Sense sense, WordNet.Relation relation) {
    var related = new ArrayList<Sense>();
    wordNet
        .sense(sense.id())
        .ifPresent(
            it ->
                wordNet
                    .related(it.synset(), relation)
                    .forEach(entry -> first(entry).ifPresent(related::add)));
    return related;
  }

  private Optional<Sense> first(WordNet.Entry entry) {
    return wordNet.senses(entry.lemmas().getFirst(), entry.pos()).stream()
        .filter(it -> it.synset().id().equals(entry.id()))
        .findFirst()
        .map(WordNetInventory::sense);
  }

  @Override
  public List<String> lemmas(String form, @Nullable PartOfSpeech pos) {
    var lemmas = new LinkedHashSet<String>();
    for (PartOfSpeech part : parts(pos)) {
      lemmas.addAll(wordNet.baseForms(form, part.letter()));
    }
    String itself = form.strip().replace('_', ' ').toLowerCase(Locale.ROOT);
    var ordered = new ArrayList<String>();
    if (lemmas.remove(itself)) {
      ordered.add(itself);
    }
    ordered.addAll(lemmas);
    return List.copyOf(ordered);
  }

  @Override
  public List<String> nearLemmas(String word, int limit) {
    return NearNames.among(allLemmas(), word, limit);
  }

  @Override
  public Stream<String> lemmas() {
    return allLemmas().stream();
  }

  private synchronized List<String> allLemmas() {
    if (lemmas == null) {
      lemmas = wordNet.lemmas();
    }
    return lemmas;
  }

  @Override
  public Stream<Sense> all() {
    return lemmas().flatMap(lemma -> senses(lemma, null).stream());
  }

  @Override
  public void close() {
    wordNet.close();
  }
}
