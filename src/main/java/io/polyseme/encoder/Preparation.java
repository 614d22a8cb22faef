package io.polyseme.encoder;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From texts to jobs: tokens, words, passages, windows. For many threads.
 *
 * @param prefix what the role puts before a text
 * @param model its name, for messages
 * @param window the most tokens that the model takes at once
 * @param layers how many vectors are wanted of each word, sentence and passage
 */
record Preparation(
    Tokenizer tokenizer,
    WordFinder wordFinder,
    EncodeRequest request,
    SentencePooler pooler,
    String prefix,
    String model,
    int window,
    int layers) {
  /** How much of the user's text a message shows, in UTF-16 units. */
  private static final int SHOWN = 40;

  /** How many words that the vocabulary does not know are named. */
  private static final int EXAMPLES = 5;

  Preparation {
    if (request.passages() instanceof Passages.Chunks chunks) {
      int before = tokenizer.prefix().length + tokenizer.suffix().length;
      int most = window - before;
      if (!prefix.isEmpty()) {
        most -= tokenizer.tokenize(prefix).count();
      }
      if (chunks.tokens() > most) {
        throw new IllegalArgumentException(
            "chunks of %d tokens do not fit %s: it takes %d at once, of which %d are left for the text"
                .formatted(chunks.tokens(), model, window, Math.max(most, 0)));
      }
    }
  }

  /**
   * The tokens of a text.
   *
   * @param frame what stands around them in every window
   * @param tokens those of the text itself, with places in it
   */
  record Tokenised(Window.Frame frame, Tokens tokens) {}

  /**
   * @param text well-formed UTF-16
   */
  Tokenised tokenise(String text) {
    if (prefix.isEmpty()) {
      return tokeniseOn(text);
    }
    Tokens all = tokenizer.tokenize(prefix + text);
    int lead = all.firstEndingAfter(prefix.length());
    int special = tokenizer.prefix().length;
    int[] before = Arrays.copyOf(tokenizer.prefix(), special + lead);
    System.arraycopy(all.ids(), 0, before, special, lead);
    return new Tokenised(
        new Window.Frame(before, tokenizer.suffix()),
        all.slice(lead, all.count(), -prefix.length(), unknownId()));
  }

  /** As {@link #tokenise}, of a text that goes on from an earlier one, without the prefix. */
  Tokenised tokeniseOn(String text) {
    return new Tokenised(
        new Window.Frame(tokenizer.prefix(), tokenizer.suffix()), tokenizer.tokenize(text));
  }

  int unknownId() {
    return tokenizer.vocabulary().unknownId();
  }

  /** How many tokens of a text fit one window. */
  int capacity(Window.Frame frame) {
    int capacity = window - frame.length();
    if (capacity < 1) {
      throw new PolysemeException(
          "%s takes %d tokens at once, and %d of them stand around every text: nothing is left for the text itself"
              .formatted(model, window, frame.length()));
    }
    return capacity;
  }

  /** Whether the text itself is encoded, and not only its passages, each alone. */
  boolean wantsWindows() {
    return request.words() != Words.NONE || request.sentence() || late();
  }

  /** Whether passages are pooled out of the text's windows. */
  boolean late() {
    return switch (request.passages()) {
      case Passages.None _ -> false;
      case Passages.Chunks chunks -> chunks.encoding() == Passages.Encoding.LATE;
      case Passages.Given given -> given.encoding() == Passages.Encoding.LATE;
    };
  }

  TextJob job(TextInput input) {
    input.spans().forEach(span -> span.of(input.text()));
    String text = Encoder.wellFormed(input.text());
    Tokenised tokenised = tokenise(text);
    Tokens tokens = tokenised.tokens;
    requireTokens(tokens.count(), text.isBlank());
    int capacity = capacity(tokenised.frame);
    var warnings = new ArrayList<String>();
    if (tokens.unknown() > 0) {
      warnings.add(unknownWarning(tokens.unknown(), tokens.count(), unknownWords(tokens, text, 0)));
    }
    int unknown = tokens.unknown();
    Span cut = null;
    int cutTokens = 0;
    if (tokens.count() > capacity && request.longTexts() == LongTexts.TRUNCATED) {
      cutTokens = tokens.count() - capacity;
      cut = new Span(tokens.starts()[capacity], text.length());
      warnings.add(
          "the text has %d tokens, and the model takes %d at once: the last %d were cut off, as was asked"
              .formatted(tokens.count(), capacity, cutTokens));
      tokens = tokens.slice(0, capacity, 0, unknownId());
    } else if (tokens.count() > capacity && request.sentence()) {
      warnings.add(meanWarning(tokens.count(), capacity));
    }
    if (late() && pooler.pooling() != pooler.latePooling()) {
      warnings.add(lateWarning());
    }
    List<TextJob.Word> words = words(input, text, tokens, cut);
    List<TextJob.Passage> passages = passages(input, text, tokens, cut);
    return new TextJob(
        input,
        tokens,
        cut,
        cutTokens,
        unknown,
        words,
        passages,
        windows(tokenised.frame, tokens, capacity, words, passages, request.sentence()),
        warnings);
  }

  /** A passage as a text of its own. */
  TextJob alone(String text) {
    Tokenised tokenised = tokenise(text);
    Tokens tokens = tokenised.tokens;
    requireTokens(tokens.count(), text.isBlank());
    return new TextJob(
        TextInput.of(text),
        tokens,
        null,
        0,
        tokens.unknown(),
        List.of(),
        List.of(),
        windows(tokenised.frame, tokens, capacity(tokenised.frame), List.of(), List.of(), true),
        List.of());
  }

  static void requireTokens(int count, boolean blank) {
    if (count == 0) {
      throw new PolysemeException(
          blank
              ? "there is nothing to encode: the text is empty or only white space"
              : "there is nothing to encode: the tokenizer keeps none of the text's characters");
    }
  }

  private List<TextJob.Word> words(
      TextInput input, String text, Tokens tokens, @Nullable Span cut) {
    var words = new ArrayList<TextJob.Word>();
    switch (request.words()) {
      case NONE -> {}
      case ALL -> {
        String kept = cut == null ? text : text.substring(0, cut.start());
        for (Span span : wordFinder.words(kept)) {
          TextJob.Word word = word(span, tokens);
          if (word != null) {
            words.add(word);
          }
        }
      }
      case GIVEN -> {
        for (Span span : input.spans()) {
          requireKept(span, input.text(), cut);
          TextJob.Word word = word(span, tokens);
          if (word == null) {
            throw new PolysemeException(
                "the span [%d, %d) \"%s\" has no token: there is no word there"
                    .formatted(span.start(), span.end(), shown(span.of(input.text()))));
          }
          words.add(word);
        }
      }
    }
    return words;
  }

  /** Null where nothing of it is left after the tokenizer's normalisation. */
  TextJob.@Nullable Word word(Span span, Tokens tokens) {
    int from = tokens.firstEndingAfter(span.start());
    int to = tokens.firstStartingAt(span.end());
    return from < to ? new TextJob.Word(span, new Pool(from, to, request.piecePooling())) : null;
  }

  private List<TextJob.Passage> passages(
      TextInput input, String text, Tokens tokens, @Nullable Span cut) {
    var passages = new ArrayList<TextJob.Passage>();
    switch (request.passages()) {
      case Passages.None _ -> {}
      case Passages.Chunks chunks -> {
        var chunker = new Chunker(chunks, wordFinder);
        String kept = cut == null ? text : text.substring(0, cut.start());
        for (Chunker.Range range : chunker.add(kept, tokens)) {
          passages.add(passage(range, text));
        }
        for (Chunker.Range range : chunker.end()) {
          passages.add(passage(range, text));
        }
      }
      case Passages.Given _ -> {
        for (Span span : input.spans()) {
          requireKept(span, input.text(), cut);
          int from = tokens.firstEndingAfter(span.start());
          int to = tokens.firstStartingAt(span.end());
          if (from >= to) {
            throw new PolysemeException(
                "the span [%d, %d) \"%s\" has no token: there is no passage there"
                    .formatted(span.start(), span.end(), shown(span.of(input.text()))));
          }
          passages.add(
              passage(
                  new Chunker.Range(
                      span, from, to, EncodedPassage.Edge.GIVEN, EncodedPassage.Edge.GIVEN),
                  text));
        }
      }
    }
    return passages;
  }

  private TextJob.Passage passage(Chunker.Range range, String text) {
    return late()
        ? latePassage(range)
        : new TextJob.Passage(range, null, alone(Encoder.wellFormed(range.span().of(text))));
  }

  TextJob.Passage latePassage(Chunker.Range range) {
    return new TextJob.Passage(
        range, new Pool(range.from(), range.to(), pooler.latePiecePooling()), null);
  }

  private static void requireKept(Span span, String text, @Nullable Span cut) {
    if (cut != null && span.end() > cut.start()) {
      throw new PolysemeException(
          "the span [%d, %d) \"%s\" reaches into what was cut off, which begins at %d"
              .formatted(span.start(), span.end(), shown(span.of(text)), cut.start()));
    }
  }

  private List<Window> windows(
      Window.Frame frame,
      Tokens tokens,
      int capacity,
      List<TextJob.Word> words,
      List<TextJob.Passage> passages,
      boolean sentence) {
    if (!sentence && words.isEmpty() && !(late() && !passages.isEmpty())) {
      return List.of();
    }
    var layout = new WindowLayout(tokens.count(), capacity);
    var parts = new ArrayList<List<Pool.Part>>(layout.count());
    for (int i = 0; i < layout.count(); i++) {
      parts.add(new ArrayList<>());
    }
    for (TextJob.Word word : words) {
      assign(word.pool(), layout, parts);
    }
    for (TextJob.Passage passage : passages) {
      if (passage.pool() != null) {
        assign(passage.pool(), layout, parts);
      }
    }
    var windows = new ArrayList<Window>(layout.count());
    for (int i = 0; i < layout.count(); i++) {
      windows.add(new Window(frame, layout, i, tokens, 0, parts.get(i), sentence ? layers : 0));
    }
    return windows;
  }

  private void assign(Pool pool, WindowLayout layout, List<List<Pool.Part>> parts) {
    pool.assign(layout, layers);
    for (Pool.Part part : pool.parts) {
      parts.get(part.window).add(part);
    }
  }

  /**
   * The first few words that the vocabulary does not know.
   *
   * @param start where in the tokens' places the text begins
   */
  Set<String> unknownWords(Tokens tokens, String text, int start) {
    Set<String> words = new LinkedHashSet<>();
    for (int i = 0; i < tokens.count() && words.size() < EXAMPLES; i++) {
      if (tokens.ids()[i] == unknownId()) {
        int from = Math.min(tokens.starts()[i] - start, text.length());
        int to = Math.clamp(tokens.ends()[i] - start, from, text.length());
        words.add(shown(text.substring(from, to)));
      }
    }
    return words;
  }

  String unknownWarning(int unknown, int tokens, Set<String> words) {
    List<String> few = words.stream().limit(EXAMPLES).toList();
    return "%d of %d tokens are unknown to %s and carry no meaning of their own: %s%s"
        .formatted(
            unknown, tokens, model, String.join(", ", few), unknown > few.size() ? " ..." : "");
  }

  static String meanWarning(int tokens, int capacity) {
    return "the text has %d tokens, and the model takes %d at once: its vector is the mean over overlapping windows"
        .formatted(tokens, capacity);
  }

  String lateWarning() {
    return "%s pools by the first token, which a passage within a text does not have: the vector of each passage is the mean of its tokens"
        .formatted(model);
  }

  private static String shown(String text) {
    return text.length() <= SHOWN
        ? text
        : text.substring(0, text.offsetByCodePoints(0, SHOWN / 2)) + "...";
  }
}
