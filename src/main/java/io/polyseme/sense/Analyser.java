package io.polyseme.sense;

import io.polyseme.PolysemeException;
import io.polyseme.encoder.Occurrences;
import io.polyseme.lexicon.EnglishTagger;
import io.polyseme.vector.Span;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the words of a text that an inventory has senses for, with their lemmas and, in English,
 * their parts of speech. Phrases of the inventory (up to {@value #LONGEST} words) are one word, the
 * longest first. Thread-safe; does not close the inventory.
 */
public final class Analyser {
  private static final int LONGEST = 5;
  private static final int REMEMBERED = 100_000;

  private final SenseInventory inventory;
  private final @Nullable EnglishTagger tagger;
  private final Function<String, List<Span>> finder;

  /** The first words of the inventory's phrases. */
  private final Set<String> beginnings = new HashSet<>();

  /** The inventory's lemmas of several words, in lower case. */
  private final Set<String> phrases = new HashSet<>();

  private final Map<Form, List<String>> lemmas = new ConcurrentHashMap<>();

  private record Form(String text, @Nullable PartOfSpeech pos) {}

  private record Token(Span span, String tag) {}

  private Analyser(
      SenseInventory inventory,
      @Nullable EnglishTagger tagger,
      Function<String, List<Span>> finder) {
    this.inventory = inventory;
    this.tagger = tagger;
    this.finder = finder;
    inventory
        .lemmas()
        .forEach(
            lemma -> {
              int space = lemma.indexOf(' ');
              if (space > 0) {
                String lower = lemma.toLowerCase(Locale.ROOT);
                phrases.add(lower);
                beginnings.add(lower.substring(0, space));
              }
            });
  }

  /**
   * For English text: sentences, tokens and tags by OpenNLP.
   *
   * @throws io.polyseme.PolysemeException if OpenNLP or one of its models is not on the class path
   */
  public static Analyser english(SenseInventory inventory) {
    return new Analyser(inventory, EnglishTagger.open(), _ -> List.of());
  }

  /**
   * For text in any language: every word may have every part of speech.
   *
   * @param words finds the words of a text, as {@code Encoder.words} does
   */
  public static Analyser untagged(SenseInventory inventory, Function<String, List<Span>> words) {
    return new Analyser(inventory, null, words);
  }

  /**
   * For text of which nothing more is known: a word is its own lemma, in lower case, and its senses
   * are not known.
   *
   * @param words finds the words of a text, as {@code Encoder.words} does
   */
  public static Analyser plain(Function<String, List<Span>> words) {
    return new Analyser(OwnLemmas.INSTANCE, null, words);
  }

  /** Whether the words come with parts of speech. */
  public boolean tagged() {
    return tagger != null;
  }

  /**
   * Whether a form may, in some text, be a form of one of these lemmas.
   *
   * @param form in any case
   * @param of in lower case
   */
  public boolean mayBe(String form, Set<String> of) {
    String lower = form.toLowerCase(Locale.ROOT);
    return of.contains(lower) || lemmas(lower, null).stream().anyMatch(of::contains);
  }

  /**
   * The lemmas that a form may belong to where nothing is known of its part of speech, likeliest
   * first.
   *
   * @param form in any case
   * @return empty where the inventory has none
   */
  public List<String> lemmasOf(String form) {
    return lemmas(form.strip().toLowerCase(Locale.ROOT), null);
  }

  /** The words in the order of the text, not overlapping. */
  public List<AnalysedWord> words(String text) {
    var found = new ArrayList<AnalysedWord>();
    if (tagger == null) {
      add(text, finder.apply(text).stream().map(span -> new Token(span, "")).toList(), found);
      return found;
    }
    for (List<EnglishTagger.Token> sentence : tagger.tag(text)) {
      add(text, tokens(sentence), found);
    }
    return found;
  }

  /**
   * Where a word stands in a text, as it is written or inflected.
   *
   * @param word a form or a lemma; a phrase with spaces
   * @param pos what it is there; null for what the tagger says, or for all
   * @return at least one, in the order of the text
   * @throws PolysemeException if the word is not in the text, or the inventory has no senses for
   *     it; what is near is named
   */
  public List<AnalysedWord> find(String text, String word, @Nullable PartOfSpeech pos) {
    String asked = word.strip();
    if (asked.isEmpty()) {
      throw new IllegalArgumentException("the word is empty");
    }
    List<AnalysedWord> words = words(text);
    List<Span> spans;
    try {
      spans = Occurrences.of(asked, text);
    } catch (PolysemeException e) {
      spans =
          words.stream()
              .filter(found -> found.lemmas().stream().anyMatch(l -> l.equalsIgnoreCase(asked)))
              .map(AnalysedWord::span)
              .toList();
      if (spans.isEmpty()) {
        throw within(asked, text, e);
      }
    }
    var found = new ArrayList<AnalysedWord>();
    for (Span span : spans) {
      AnalysedWord there =
          words.stream().filter(w -> w.span().equals(span)).findFirst().orElse(null);
      if (there != null && pos == null) {
        found.add(there);
        continue;
      }
      List<String> of = lemmas(span.of(text).toLowerCase(Locale.ROOT), pos);
      if (of.isEmpty()) {
        throw inventory.unknown(span.of(text), pos);
      }
      found.add(new AnalysedWord(span, of, pos));
    }
    return found;
  }

  /** Says so where the word is a part of others. */
  private static PolysemeException within(String word, String text, PolysemeException otherwise) {
    String lower = text.toLowerCase(Locale.ROOT);
    int at = lower.indexOf(word.toLowerCase(Locale.ROOT));
    if (at < 0 || lower.length() != text.length()) {
      return otherwise;
    }
    int start = at;
    while (start > 0 && Character.isLetterOrDigit(text.charAt(start - 1))) {
      start--;
    }
    int end = at + word.length();
    while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
      end++;
    }
    return new PolysemeException(
        "the word \"%s\" is in the text only as a part of \"%s\": ask for that"
            .formatted(word, text.substring(start, end)),
        otherwise);
  }

  /**
   * The sentences of a text, each with every word that means something by itself, whether the
   * inventory has senses for it or not: in English those of the open classes (nouns and names, full
   * verbs, adjectives, adverbs), in other languages all. A name, and a word that the inventory does
   * not know, is its own lemma, in lower case. Phrases of the inventory come as well, beside the
   * words that they are made of.
   */
  public List<AnalysedSentence> sentences(String text) {
    var sentences = new ArrayList<AnalysedSentence>();
    for (Sentence sentence : tagger == null ? untagged(text) : tagged(tagger, text)) {
      List<Token> tokens = sentence.tokens;
      var found = new ArrayList<AnalysedWord>();
      for (int i = 0; i < tokens.size(); i++) {
        phrase(text, tokens, i, found);
        openWord(text, tokens, i, found);
      }
      found.sort(Comparator.comparing(AnalysedWord::span));
      sentences.add(new AnalysedSentence(sentence.span, found));
    }
    return sentences;
  }

  private record Sentence(Span span, List<Token> tokens) {}

  private static List<Sentence> tagged(EnglishTagger tagger, String text) {
    var sentences = new ArrayList<Sentence>();
    for (List<EnglishTagger.Token> tokens : tagger.tag(text)) {
      if (!tokens.isEmpty()) {
        sentences.add(
            new Sentence(
                new Span(tokens.getFirst().start(), tokens.getLast().end()), tokens(tokens)));
      }
    }
    return sentences;
  }

  private static List<Token> tokens(List<EnglishTagger.Token> tokens) {
    return tokens.stream()
        .map(token -> new Token(new Span(token.start(), token.end()), token.tag()))
        .toList();
  }

  /** Sentences by Unicode's rules (UAX #29). */
  private List<Sentence> untagged(String text) {
    List<Span> words = finder.apply(text);
    var sentences = new ArrayList<Sentence>();
    BreakIterator breaks = BreakIterator.getSentenceInstance(Locale.ROOT);
    breaks.setText(text);
    int next = 0;
    int start = breaks.first();
    for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
      var tokens = new ArrayList<Token>();
      while (next < words.size() && words.get(next).start() < end) {
        tokens.add(new Token(words.get(next++), ""));
      }
      // A word over a boundary goes with where it begins, and takes the boundary along.
      end = tokens.isEmpty() ? end : Math.max(end, tokens.getLast().span.end());
      if (!tokens.isEmpty()) {
        sentences.add(new Sentence(trimmed(text, start, end), tokens));
      }
      start = Math.max(start, end);
    }
    return sentences;
  }

  private static Span trimmed(String text, int start, int end) {
    int from = start;
    int to = end;
    while (from < to && Character.isWhitespace(text.charAt(from))) {
      from++;
    }
    while (to > from && Character.isWhitespace(text.charAt(to - 1))) {
      to--;
    }
    return new Span(from, to);
  }

  private void openWord(String text, List<Token> tokens, int at, List<AnalysedWord> found) {
    Token token = tokens.get(at);
    String form = token.span.of(text);
    String lower = form.toLowerCase(Locale.ROOT);
    if (token.tag.equals("PROPN") && Character.isUpperCase(form.codePointAt(0))) {
      found.add(new AnalysedWord(token.span, List.of(lower), PartOfSpeech.NOUN));
      return; // a name is its own lemma: Banks is no bank
    }
    int before = found.size();
    word(text, tokens, at, found);
    boolean open = tagger == null || OPEN_CLASSES.contains(token.tag);
    if (found.size() > before || !open || tagger != null && !hasLetter(form)) {
      return;
    }
    List<String> of = lemmas(lower, null);
    found.add(
        new AnalysedWord(
            token.span,
            of.isEmpty() ? List.of(lower) : of,
            tagger == null ? null : PartOfSpeech.parse(token.tag).orElse(null)));
  }

  private static final Set<String> OPEN_CLASSES = Set.of("NOUN", "PROPN", "VERB", "ADJ", "ADV");

  private static boolean hasLetter(String form) {
    return form.codePoints().anyMatch(Character::isLetter);
  }

  private void add(String text, List<Token> tokens, List<AnalysedWord> found) {
    for (int i = 0; i < tokens.size(); ) {
      int length = phrase(text, tokens, i, found);
      if (length == 0) {
        word(text, tokens, i, found);
        length = 1;
      }
      i += length;
    }
  }

  /** Adds the longest phrase that begins here; returns how many tokens it has, 0 for none. */
  private int phrase(String text, List<Token> tokens, int first, List<AnalysedWord> found) {
    int most = Math.min(LONGEST, tokens.size() - first);
    if (most < 2) {
      return 0;
    }
    List<String> heads = forms(tokens.get(first).span.of(text), PartOfSpeech.VERB);
    if (heads.stream().noneMatch(beginnings::contains)) {
      return 0;
    }
    for (int length = most; length > 1; length--) {
      Token last = tokens.get(first + length - 1);
      PartOfSpeech pos = pos(tokens, first, length);
      String between = between(text, tokens.subList(first + 1, first + length - 1));
      var of = new LinkedHashSet<String>();
      for (String head : heads) {
        for (String tail : forms(last.span.of(text), PartOfSpeech.NOUN)) {
          String phrase = head + between + tail;
          if (phrases.contains(phrase) && fits(phrase, pos, tokens, first, length)) {
            of.add(phrase);
          }
        }
      }
      if (!of.isEmpty()) {
        var span = new Span(tokens.get(first).span.start(), last.span.end());
        boolean known = pos != null && of.stream().anyMatch(lemma -> !senses(lemma, pos).isEmpty());
        found.add(new AnalysedWord(span, List.copyOf(of), known ? pos : null));
        return length;
      }
    }
    return 0;
  }

  private static String between(String text, List<Token> tokens) {
    var form = new StringBuilder(" ");
    for (Token token : tokens) {
      form.append(token.span.of(text).toLowerCase(Locale.ROOT)).append(' ');
    }
    return form.toString();
  }

  /**
   * A form and what it may be a form of, in lower case: of a phrase the first word is inflected if
   * it is a verb, the last if it is a noun.
   */
  private List<String> forms(String form, PartOfSpeech pos) {
    String lower = form.toLowerCase(Locale.ROOT);
    var forms = new LinkedHashSet<String>();
    forms.add(lower);
    forms.addAll(lemmas(lower, pos));
    return List.copyOf(forms);
  }

  /**
   * Whether a phrase is one where it stands: it has senses of its part of speech, or it is one that
   * no word of it tells ("in general" is an adverb). "A kind of bird" is not the adverb "kind of".
   */
  private boolean fits(
      String phrase, @Nullable PartOfSpeech pos, List<Token> tokens, int first, int length) {
    if (pos == null || !senses(phrase, pos).isEmpty()) {
      return true;
    }
    return !tokens.get(first + length - 1).tag.equals("ADP");
  }

  private List<Sense> senses(String lemma, @Nullable PartOfSpeech pos) {
    return inventory.senses(lemma, pos);
  }

  /** A phrase with a verb in front is a verb; another is what its last word is. */
  private @Nullable PartOfSpeech pos(List<Token> tokens, int first, int length) {
    if (tagger == null) {
      return null;
    }
    PartOfSpeech head = PartOfSpeech.parse(tokens.get(first).tag).orElse(PartOfSpeech.OTHER);
    return head == PartOfSpeech.VERB
        ? head
        : PartOfSpeech.parse(tokens.get(first + length - 1).tag).orElse(PartOfSpeech.OTHER);
  }

  private void word(String text, List<Token> tokens, int at, List<AnalysedWord> found) {
    Token token = tokens.get(at);
    PartOfSpeech pos = null;
    if (tagger != null) {
      pos = PartOfSpeech.parse(token.tag).orElse(PartOfSpeech.OTHER);
      if (pos == PartOfSpeech.OTHER || token.tag.equals("AUX") && helps(tokens, at)) {
        return;
      }
    }
    String form = token.span.of(text);
    if (tagger != null && !hasLetter(form)) {
      return; // numbers and signs
    }
    List<String> of = lemmas(form.toLowerCase(Locale.ROOT), pos);
    if (token.tag.equals("AUX") && of.stream().noneMatch(l -> FULL_VERBS.contains(l))) {
      return; // modal verbs, whose homographs are not meant
    }
    if (!of.isEmpty()) {
      found.add(new AnalysedWord(token.span, of, pos));
    }
  }

  private static final Set<String> FULL_VERBS = Set.of("be", "have", "do");

  /** Whether an auxiliary stands before another verb, rather than being the verb itself. */
  private static boolean helps(List<Token> tokens, int at) {
    for (int i = at + 1; i < tokens.size(); i++) {
      switch (tokens.get(i).tag) {
        case "ADV", "PART" -> {} // "has not yet been"
        case "VERB", "AUX" -> {
          return true;
        }
        default -> {
          return false;
        }
      }
    }
    return false;
  }

  /**
   * What a form may be a form of, the lemma with the most counted uses first.
   *
   * @param form in lower case
   */
  private List<String> lemmas(String form, @Nullable PartOfSpeech pos) {
    var key = new Form(form, pos);
    List<String> known = lemmas.get(key);
    if (known == null) {
      known = inventory.lemmas(form, pos);
      if (known.size() > 1) {
        Map<String, Integer> counts = new HashMap<>();
        known.forEach(
            lemma ->
                counts.put(
                    lemma,
                    senses(lemma, pos).stream()
                        .mapToInt(sense -> Math.max(0, sense.count()))
                        .sum()));
        known =
            known.stream()
                .sorted(Comparator.comparingInt((String lemma) -> -counts.get(lemma)))
                .toList();
      }
      if (lemmas.size() >= REMEMBERED) {
        lemmas.clear();
      }
      lemmas.put(key, known);
    }
    return known;
  }
}
