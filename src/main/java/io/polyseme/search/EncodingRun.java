package io.polyseme.search;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.TextInput;
import io.polyseme.index.IndexBuilder;
import io.polyseme.vector.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Feeds the encoder with what is new, and the builder with what comes back, in the same order. */
final class EncodingRun implements Iterator<TextInput> {
  private static final int WARNINGS = 5;

  private final Source source;
  private final IndexBuilder builder;
  private final Progress progress;
  private final Cancel cancel;
  private final Queue<Entry> underWay = new ArrayDeque<>();
  private @Nullable Entry next;
  private long texts;
  private long failed;
  private final List<String> warnings = new ArrayList<>();

  EncodingRun(Source source, IndexBuilder builder, Progress progress, Cancel cancel) {
    this.source = source;
    this.builder = builder;
    this.progress = progress;
    this.cancel = cancel;
  }

  @Override
  public boolean hasNext() {
    while (next == null && source.hasNext()) {
      cancel.check();
      Entry entry = source.next();
      var left = new ArrayList<Entry.Item>();
      for (Entry.Item item : entry.items()) {
        if (!builder.reuse(item.label(), item.fields(), content(entry, item))) {
          left.add(item);
        }
      }
      if (!left.isEmpty()) {
        next = new Entry(entry.text(), left, entry.done());
      } else if (underWay.isEmpty()) {
        progress.update("reading", entry.done(), source.size());
      }
    }
    return next != null;
  }

  @Override
  public TextInput next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Entry entry = next;
    next = null;
    underWay.add(entry);
    return new TextInput(
        entry.text(), entry.items().stream().map(Entry.Item::span).filter(s -> s != null).toList());
  }

  /** All that an item's vector is made of. */
  private static String content(Entry entry, Entry.Item item) {
    Span span = item.span();
    return span == null
        ? entry.text()
        : "%d-%d %s".formatted(span.start(), span.end(), entry.text());
  }

  void take(EncodeResult result) {
    Entry entry = underWay.remove();
    progress.update("encoding", entry.done(), source.size());
    switch (result) {
      case EncodeResult.Failed(_, _, PolysemeException error) -> {
        failed++;
        warn("\"%s\": %s".formatted(shortened(entry.text()), error.getMessage()));
      }
      case EncodeResult.Done(_, var encoded) -> {
        texts++;
        encoded.warnings().forEach(this::warn);
        List<Entry.Item> items = entry.items();
        for (int i = 0; i < items.size(); i++) {
          Entry.Item item = items.get(i);
          builder.add(item.label(), vector(encoded, item, i), item.fields(), content(entry, item));
        }
      }
    }
  }

  private static float[] vector(Encoded encoded, Entry.Item item, int place) {
    if (item.span() == null) {
      return encoded.vector();
    }
    return encoded.passages().isEmpty()
        ? encoded.words().get(place).vector()
        : encoded.passages().get(place).vectors().getFirst().vector();
  }

  /** How many texts were encoded. */
  long texts() {
    return texts;
  }

  /** How many could not be. */
  long failed() {
    return failed;
  }

  /** The first few of the source and the encoder. */
  List<String> warnings() {
    source.warnings().forEach(this::warn);
    return warnings;
  }

  private void warn(String warning) {
    if (warnings.size() < WARNINGS) {
      warnings.add(warning);
    }
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
