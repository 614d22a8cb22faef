package io.polyseme.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.polyseme.search.Passage;
import io.polyseme.search.Passage.Highlight;
import io.polyseme.search.SearchAnswer;
import io.polyseme.search.SearchMode;
import io.polyseme.vector.Hit;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The answer of a search, for a person or a program. */
final class SearchShown {
  private static final int COLUMNS = 90;
  private static final int EXCERPT = 220;

  private final Terminal terminal;
  private final boolean explain;

  SearchShown(Terminal terminal, boolean explain) {
    this.terminal = terminal;
    this.explain = explain;
  }

  Answers json(String question, String index, SearchAnswer answer) {
    var answers = new Answers("search", question).of("index", index);
    answers.of("mode", answer.mode().name().toLowerCase(Locale.ROOT));
    for (Passage passage : answer.passages()) {
      JsonObject result =
          answers.hit(new Hit(passage.rank(), passage.label(), passage.score(), passage.fields()));
      var highlights = new JsonArray();
      for (Highlight highlight : passage.highlights()) {
        var one = new JsonObject();
        one.add("span", Answers.span(highlight.span()));
        one.addProperty("text", highlight.span().of(passage.text()));
        one.addProperty("near", highlight.near());
        one.addProperty("score", highlight.score());
        highlights.add(one);
      }
      result.add("highlights", highlights);
      Span excerpt = passage.excerpt();
      if (excerpt != null) {
        result.add("excerpt", Answers.span(excerpt));
      }
      if (explain) {
        result.add("parts", parts(passage));
      }
    }
    if (explain) {
      var how = new JsonObject();
      how.addProperty("candidates", answer.candidates());
      how.addProperty("exact", answer.exact());
      how.add("steps", Answers.strings(answer.steps()));
      answers.with("explanation", how);
    }
    return answers.warn(answer.warnings());
  }

  private static JsonObject parts(Passage passage) {
    var parts = new JsonObject();
    if (!Double.isNaN(passage.similarity())) {
      parts.addProperty("similarity", passage.similarity());
      if (passage.similarityRank() > 0) {
        parts.addProperty("similarityRank", passage.similarityRank());
      }
    }
    parts.addProperty("words", passage.words());
    if (passage.wordsRank() > 0) {
      parts.addProperty("wordsRank", passage.wordsRank());
    }
    return parts;
  }

  List<String> lines(SearchAnswer answer) {
    var lines = new ArrayList<String>();
    if (explain) {
      answer.steps().forEach(step -> lines.add(Table.printable(step)));
      lines.add("");
    }
    boolean brief =
        answer.passages().stream().allMatch(p -> Table.width(p.text()) <= COLUMNS)
            && answer.passages().stream().noneMatch(p -> p.fields().containsKey("section"));
    if (brief) {
      var table = new Table();
      for (Passage passage : answer.passages()) {
        table.row(
            Integer.toString(passage.rank()),
            score(passage.score()),
            name(passage),
            Table.shortened(passage.text(), COLUMNS));
      }
      List<String> rows = table.lines();
      for (int i = 0; i < rows.size(); i++) {
        lines.add(rows.get(i));
        explain(answer, answer.passages().get(i), lines);
      }
      return lines;
    }
    for (Passage passage : answer.passages()) {
      lines.add(
          "%2d  %s  %s"
              .formatted(passage.rank(), score(passage.score()), terminal.bold(name(passage))));
      lines.add("    " + excerpt(passage));
      explain(answer, passage, lines);
    }
    return lines;
  }

  private static String score(double score) {
    return String.format(Locale.ROOT, "%.3f", score);
  }

  /** What the passage is of: lemmas of a gloss, a document with its title, or the label. */
  private static String name(Passage passage) {
    String lemmas = passage.fields().getOrDefault("lemmas", "");
    if (!lemmas.isEmpty()) {
      return Table.printable(lemmas);
    }
    String about =
        passage.fields().getOrDefault("section", passage.fields().getOrDefault("title", ""));
    return Table.printable(passage.label())
        + (about.isEmpty() ? "" : "  " + Table.shortened(about, COLUMNS - 20));
  }

  private void explain(SearchAnswer answer, Passage passage, List<String> lines) {
    if (!explain) {
      return;
    }
    var parts = new ArrayList<String>();
    if (answer.mode() != SearchMode.WORDS && !Double.isNaN(passage.similarity())) {
      parts.add("vector %.4f%s".formatted(passage.similarity(), rank(passage.similarityRank())));
    }
    if (answer.mode() != SearchMode.VECTOR || passage.words() > 0) {
      parts.add(
          passage.words() == 0
              ? "words 0"
              : "words %.2f%s".formatted(passage.words(), rank(passage.wordsRank())));
    }
    if (!passage.highlights().isEmpty()) {
      var near = new ArrayList<String>();
      for (Highlight h : passage.highlights()) {
        near.add("%s~%s %.2f".formatted(h.span().of(passage.text()), h.near(), h.score()));
      }
      parts.add(String.join(", ", near));
    }
    lines.add("      " + terminal.dim(Table.printable(String.join("; ", parts))));
  }

  private static String rank(int rank) {
    return rank == 0 ? " (not among the first)" : " (rank %,d)".formatted(rank);
  }

  /**
   * The sentence that answers best, or what is around the first highlight, with its words marked.
   */
  private String excerpt(Passage passage) {
    String text = passage.text();
    @Nullable Span chosen = passage.excerpt();
    int start = chosen == null ? 0 : chosen.start();
    int end = chosen == null ? text.length() : chosen.end();
    if (chosen == null && !passage.highlights().isEmpty()) {
      Span first = passage.highlights().getFirst().span();
      start = Math.max(0, first.start() - EXCERPT / 2);
    }
    if (end - start > EXCERPT && !passage.highlights().isEmpty()) {
      for (Highlight highlight : passage.highlights()) {
        Span span = highlight.span();
        if (span.start() >= start && span.end() <= end) {
          start = Math.max(start, Math.min(span.start() - EXCERPT / 4, end - EXCERPT));
          break;
        }
      }
    }
    start = whole(text, start);
    end = whole(text, Math.min(end, start + EXCERPT));
    var out = new StringBuilder(start > 0 && chosen == null ? "…" : "");
    int at = start;
    for (Highlight highlight : passage.highlights()) {
      Span span = highlight.span();
      if (span.start() >= at && span.end() <= end) {
        out.append(Table.printable(text.substring(at, span.start())));
        out.append(mark(Table.printable(span.of(text))));
        at = span.end();
      }
    }
    out.append(Table.printable(text.substring(at, end)));
    return out.append(end < text.length() && (chosen == null || end < chosen.end()) ? "…" : "")
        .toString()
        .strip();
  }

  private String mark(String word) {
    return terminal.colour() ? terminal.bold(word) : "[" + word + "]";
  }

  /** A place that does not cut a character in two. */
  private static int whole(String text, int place) {
    return place > 0
            && place < text.length()
            && Character.isLowSurrogate(text.charAt(place))
            && Character.isHighSurrogate(text.charAt(place - 1))
        ? place - 1
        : place;
  }
}
