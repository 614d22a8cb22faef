package io.polyseme.search;

import io.polyseme.document.Document;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Passages;
import io.polyseme.encoder.TextChunk;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts documents into chunks. A chunk ends before a heading, but for short sections: one of less
 * than a quarter of a chunk goes with its neighbour where both fit together, and a heading that
 * nothing stands under with what follows it. Within a section {@link Encoder#chunks} cuts at the
 * ends of sentences and paragraphs, and no later chunk begins in an earlier section.
 */
final class DocumentChunks {
  /** Sections shorter than this part of a chunk are put together with others. */
  private static final int SHORT = 4;

  private final Encoder encoder;
  private final Passages.Chunks chunks;

  DocumentChunks(Encoder encoder, Passages.Chunks chunks) {
    this.encoder = encoder;
    this.chunks = chunks;
  }

  /** A stretch of the text that is cut by itself. */
  private record Part(Span span, int tokens, List<Span> cut) {}

  /** The chunks in their order. All text but white space is in one at least. */
  List<Span> of(Document document) {
    var all = new ArrayList<Span>();
    Part open = null;
    for (Span section : sections(document)) {
      Part part = part(document.text(), section);
      if (open == null) {
        open = part;
      } else if (belongTogether(open, part)) {
        open = part(document.text(), new Span(open.span.start(), part.span.end()));
      } else {
        all.addAll(open.cut);
        open = part;
      }
    }
    if (open != null) {
      all.addAll(open.cut);
    }
    return all;
  }

  private boolean belongTogether(Part before, Part part) {
    boolean fit = before.tokens + part.tokens <= chunks.tokens();
    return isShort(before) || fit && isShort(part);
  }

  private boolean isShort(Part part) {
    return part.tokens * SHORT < chunks.tokens();
  }

  private Part part(String text, Span span) {
    List<TextChunk> cut = encoder.chunks(span.of(text), chunks);
    int tokens = cut.stream().mapToInt(TextChunk::tokens).sum();
    return new Part(
        span,
        tokens,
        cut.stream()
            .map(c -> new Span(span.start() + c.span().start(), span.start() + c.span().end()))
            .toList());
  }

  /** What stands before the first heading, and from each heading to the next. */
  private static List<Span> sections(Document document) {
    var sections = new ArrayList<Span>();
    int start = 0;
    for (Document.Section section : document.sections()) {
      if (section.start() > start) {
        sections.add(new Span(start, section.start()));
        start = section.start();
      }
    }
    sections.add(new Span(start, document.text().length()));
    return sections;
  }
}
