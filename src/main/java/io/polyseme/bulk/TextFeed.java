package io.polyseme.bulk;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Occurrences;
import io.polyseme.encoder.TextInput;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Feeds an encoder with the next texts of a corpus, and a sink with what becomes of them. What
 * cannot be given to the encoder keeps its place all the same.
 */
final class TextFeed implements Iterator<TextInput> {
  private final CorpusReader texts;
  private final @Nullable String word;
  private final long most;
  private final long mostCharacters;
  private final TextSink sink;
  private final Queue<Read> underWay = new ArrayDeque<>();
  private long count;
  private long characters;
  private @Nullable TextInput next;

  /** A text that was read, and why it is not encoded; empty where it is. */
  private record Read(CorpusText text, String problem) {}

  /**
   * @param word whose places in the texts are wanted; null where none is
   * @param most how many texts are taken
   * @param mostCharacters after how many characters no further text is
   */
  TextFeed(
      CorpusReader texts, @Nullable String word, long most, long mostCharacters, TextSink sink) {
    this.texts = texts;
    this.word = word;
    this.most = most;
    this.mostCharacters = mostCharacters;
    this.sink = sink;
  }

  /**
   * The first text of a corpus, not taken, which says whether it is read in the right way.
   *
   * @throws PolysemeException if there is none, or it cannot be read
   */
  static CorpusText first(CorpusReader texts) {
    CorpusText first = texts.peek();
    if (first == null) {
      throw new PolysemeException("there is nothing to encode: the input is empty");
    }
    if (!first.readable()) {
      throw new PolysemeException(
          "%s, line %d: %s%s"
              .formatted(
                  texts.name(),
                  first.line(),
                  first.problem(),
                  first.problem().contains("field") ? "; --field says where the text is" : ""));
    }
    return first;
  }

  void run(Encoder encoder, EncodeRequest request, Cancel cancel) throws IOException {
    encoder.encodeAll(this, request, this::take, cancel);
    giveUnencoded();
  }

  @Override
  public boolean hasNext() {
    while (next == null && count < most && characters < mostCharacters && texts.hasNext()) {
      CorpusText text = texts.next();
      count++;
      characters += text.text().length();
      next = input(text);
    }
    return next != null;
  }

  private @Nullable TextInput input(CorpusText text) {
    String problem = text.problem();
    if (text.readable()) {
      try {
        List<Span> spans = word == null ? List.of() : Occurrences.of(word, text.text());
        underWay.add(new Read(text, ""));
        return new TextInput(text.text(), spans);
      } catch (PolysemeException e) {
        problem = String.valueOf(e.getMessage());
      }
    }
    underWay.add(new Read(text, problem));
    return null;
  }

  @Override
  public TextInput next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    TextInput input = next;
    next = null;
    return input;
  }

  private void take(EncodeResult result) {
    try {
      giveUnencoded();
      CorpusText text = underWay.remove().text();
      switch (result) {
        case EncodeResult.Done(_, var encoded) -> sink.done(text, encoded);
        case EncodeResult.Failed(_, _, PolysemeException error) ->
            sink.failed(text, String.valueOf(error.getMessage()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives on the texts that come next and were not given to the encoder. */
  private void giveUnencoded() throws IOException {
    while (!underWay.isEmpty() && !underWay.peek().problem().isEmpty()) {
      Read read = underWay.remove();
      sink.failed(read.text(), read.problem());
    }
  }
}
