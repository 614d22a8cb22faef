package io.polyseme.usage;

import io.polyseme.Cancel;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.sense.AnalysedWord;
import io.polyseme.sense.PartOfSpeech;
import io.polyseme.sense.Sense;
import io.polyseme.sense.SenseInventory;
import io.polyseme.usage.Substitute.Source;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Query;
import io.polyseme.vector.Span;
import io.polyseme.vector.VectorSpace;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which words could stand in a word's place, in the sense that it has there. Candidates are the
 * words that an inventory has for the sense, for wider, narrower and neighbouring ones, and the
 * word's neighbours in a word space; each is put in the place, inflected alike in English, and they
 * are ranked by how little that changes: the word's own vector and the text's (after Zhou, Ge, Xu,
 * Wei and Zhou 2019, "BERT-based Lexical Substitution", whose proposals come from a language model's
 * head instead). Thread-safe.
 */
public final class Substitutes {
  /** So many of the last layers, whose cosines are averaged. */
  private static final int LAYERS = 4;

  private final Encoder encoder;
  private final SenseInventory inventory;
  private final @Nullable VectorSpace space;
  private final SubstituteOptions options;

  private record Candidate(String lemma, Source source, String text, Span span) {}

  /**
   * All are the caller's to close.
   *
   * @param space words and their neighbours; null for none
   */
  public Substitutes(
      Encoder encoder,
      SenseInventory inventory,
      @Nullable VectorSpace space,
      SubstituteOptions options) {
    this.encoder = encoder;
    this.inventory = inventory;
    this.space = space;
    this.options = options;
  }

  /**
   * Substitutes of a word, the best first.
   *
   * @param word where it stands in the text
   * @param sense the sense that it has there; null where that is not known, so that only the space
   *     is asked
   * @return empty where there are no candidates
   */
  public List<Substitute> of(
      String text, AnalysedWord word, @Nullable Sense sense, Cancel cancel) {
    Map<String, Source> lemmas = new LinkedHashMap<>();
    if (sense != null) {
      relatives(sense, lemmas);
    }
    neighbours(word, lemmas);
    String own = word.lemma().toLowerCase(Locale.ROOT);
    var candidates = new ArrayList<Candidate>();
    lemmas.forEach(
        (lemma, source) -> {
          if (!same(lemma, own)) {
            candidates.add(placed(text, word, lemma, source));
          }
        });
    return candidates.isEmpty() ? List.of() : ranked(text, word.span(), sense, candidates, cancel);
  }

  /** Whether a candidate is the word itself, a form of it or a phrase with it. */
  private boolean same(String lemma, String own) {
    return lemma.equals(own)
        || List.of(lemma.split("[ -]")).contains(own)
        || inventory.lemmas(lemma, null).contains(own);
  }

  private void relatives(Sense sense, Map<String, Source> into) {
    add(List.of(sense), Source.SYNONYM, Integer.MAX_VALUE, into);
    List<Sense> broader = inventory.broader(sense);
    add(broader, Source.BROADER, options.relatives(), into);
    add(inventory.narrower(sense), Source.NARROWER, options.relatives(), into);
    add(
        broader.stream().flatMap(it -> inventory.narrower(it).stream()).toList(),
        Source.SIBLING,
        options.relatives(),
        into);
  }

  private static void add(
      List<Sense> senses, Source source, int most, Map<String, Source> into) {
    int added = 0;
    for (Sense sense : senses) {
      var words = new ArrayList<String>();
      words.add(sense.lemma());
      words.addAll(sense.synonyms());
      for (String word : words) {
        if (added < most && into.putIfAbsent(word, source) == null) {
          added++;
        }
      }
    }
  }

  private void neighbours(AnalysedWord word, Map<String, Source> into) {
    if (space == null || options.neighbours() == 0) {
      return;
    }
    String lemma = word.lemma();
    float[] vector = space.vector(lemma).orElse(null);
    if (vector == null) {
      return;
    }
    for (Hit hit :
        space
            .search(Query.near(vector, options.neighbours()).withExcluded(Set.of(lemma)))
            .hits()) {
      String label = hit.label().replace('_', ' ');
      if (lemma.length() > 1 && label.toLowerCase(Locale.ROOT).contains(lemma.toLowerCase(Locale.ROOT))) {
        continue; // near because its pieces are, as bankbook is to bank
      }
      // A form is tried as its lemma; what the inventory has, but as no such part of speech, is not.
      List<String> lemmas = inventory.lemmas(label, word.pos());
      if (!lemmas.isEmpty()) {
        into.putIfAbsent(lemmas.getFirst(), Source.NEIGHBOUR);
      } else if (word.pos() == null || inventory.lemmas(label, null).isEmpty()) {
        into.putIfAbsent(label, Source.NEIGHBOUR);
      }
    }
  }

  private static Candidate placed(String text, AnalysedWord word, String lemma, Source source) {
    Span span = word.span();
    String before = text.substring(0, span.start());
    String[] words = before.strip().split("\\s+");
    String last = words.length == 0 ? "" : words[words.length - 1].toLowerCase(Locale.ROOT);
    String form =
        EnglishForms.like(
            span.of(text), word.lemma().toLowerCase(Locale.ROOT), word.pos(), last, lemma);
    if (word.pos() == PartOfSpeech.NOUN || word.pos() == PartOfSpeech.ADJECTIVE) {
      before = withArticle(before, form);
    }
    return new Candidate(
        lemma,
        source,
        before + form + text.substring(span.end()),
        new Span(before.length(), before.length() + form.length()));
  }

  /** "A" or "an" before a word, as the word wants. */
  private static String withArticle(String before, String form) {
    boolean vowel = "aeiou".indexOf(Character.toLowerCase(form.charAt(0))) >= 0;
    if (vowel && before.matches("(?s)(.*\\W)?[Aa] ")) {
      return before.substring(0, before.length() - 1) + "n ";
    }
    if (!vowel && before.matches("(?s)(.*\\W)?[Aa]n ")) {
      return before.substring(0, before.length() - 2) + " ";
    }
    return before;
  }

  private List<Substitute> ranked(
      String text,
      Span span,
      @Nullable Sense sense,
      List<Candidate> candidates,
      Cancel cancel) {
    double[] fits = fits(sense, candidates, cancel);
    EncodeRequest request =
        EncodeRequest.ofWords()
            .withWords(Words.GIVEN)
            .withSentence(true)
            .withLayers(encoder.info().layers() >= LAYERS ? Layers.lastN(LAYERS) : Layers.last());
    Encoded original = encoder.encode(TextInput.of(text, span), request, cancel);
    var substitutes = new ArrayList<Substitute>();
    var inputs = candidates.stream().map(it -> TextInput.of(it.text, it.span)).iterator();
    encoder.encodeAll(
        inputs,
        request,
        result -> {
          if (result instanceof EncodeResult.Done(long index, Encoded encoded)) {
            Candidate it = candidates.get((int) index);
            substitutes.add(
                new Substitute(
                    1,
                    score(original, encoded, fits[(int) index]),
                    it.lemma,
                    it.source,
                    it.text,
                    it.span));
          }
        },
        cancel);
    substitutes.sort(
        Comparator.comparingDouble((Substitute it) -> -it.score())
            .thenComparing(Substitute::lemma));
    var ranked = new ArrayList<Substitute>();
    for (Substitute it : substitutes) {
      if (ranked.size() < options.top()) {
        ranked.add(
            new Substitute(
                ranked.size() + 1, it.score(), it.lemma(), it.source(), it.text(), it.span()));
      }
    }
    return ranked;
  }

  /** How near each candidate alone is to the sense's definition; NaN where there is none. */
  private double[] fits(@Nullable Sense sense, List<Candidate> candidates, Cancel cancel) {
    var fits = new double[candidates.size()];
    Arrays.fill(fits, Double.NaN);
    if (sense == null || sense.gloss().isEmpty()) {
      return fits;
    }
    EncodeRequest request = EncodeRequest.ofSentences();
    float[] gloss = encoder.encode(TextInput.of(sense.gloss()), request, cancel).vector();
    encoder.encodeAll(
        candidates.stream().map(it -> TextInput.of(it.lemma)).iterator(),
        request,
        result -> {
          if (result instanceof EncodeResult.Done(long index, Encoded encoded)) {
            fits[(int) index] = Vectors.cosine(gloss, encoded.vector());
          }
        },
        cancel);
    return fits;
  }

  private static double score(Encoded original, Encoded changed, double fit) {
    double words = 0;
    int layers = original.sentence().size();
    for (int l = 0; l < layers; l++) {
      words +=
          Vectors.cosine(
                  original.words().getFirst().vectors().get(l).vector(),
                  changed.words().getFirst().vectors().get(l).vector())
              / layers;
    }
    double texts =
        Vectors.cosine(
            original.sentence().getLast().vector(), changed.sentence().getLast().vector());
    if (Boolean.getBoolean("sub.debug")) System.err.printf("%s %.3f %.3f %.3f%n", changed.words().getFirst().text(), words, texts, fit);
    return Double.isNaN(fit) ? (words + texts) / 2 : (words + texts + fit) / 3;
  }
}
