package io.polyseme.encoder;

import io.polyseme.Cancel;
import io.polyseme.encoder.Workers.Work;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One text of any length on its way through the encoder, in bounded memory: read and tokenised in
 * pieces, encoded in the windows that {@link TextJob} would have, a few of them at a time, and
 * handed over in the order of the text. Used once, by one thread, which reads and hands over.
 */
final class LongText {
  /** How many sections are under way before the first of them is needed. */
  private static final int AHEAD = 3;

  /** How many bytes of hidden states of words a section has, unless its windows are few. */
  private static final long SECTION_BYTES = 8L << 20;

  private static final int LEAST_WINDOWS = 4;
  private static final int MOST_WINDOWS = 64;

  /** Runs one batch of windows. */
  interface BatchRun {
    void run(List<Window> batch, Stop stop);
  }

  private final Preparation preparation;
  private final BatchRunner runner;
  private final BatchRun run;
  private final Workers workers;
  private final Cancel cancel;
  private final Consumer<EncodedPart> sink;
  private final TextPieces pieces;
  private final PieceFeed feed;
  private final boolean wantsWindows;
  private final @Nullable Chunker chunker;
  private final TextBuffer text = new TextBuffer();
  private final TokenBuffer tokens = new TokenBuffer();

  // What has come out of the pieces and is not in a section yet.
  private final Deque<PendingWord> newWords = new ArrayDeque<>();
  private final Deque<PendingPassage> newPassages = new ArrayDeque<>();
  private final Map<Integer, List<Pool.Part>> parts = new HashMap<>();
  private final Deque<Window> windows = new ArrayDeque<>();
  private final Deque<PendingPassage> alone = new ArrayDeque<>();

  // What is under way.
  private final Deque<Section> sections = new ArrayDeque<>();
  private final Deque<PendingWord> words = new ArrayDeque<>();
  private final Deque<PendingPassage> latePassages = new ArrayDeque<>();
  private final Map<Integer, Span> seen = new HashMap<>();

  // What is known of the whole.
  private final List<SentencePooler.Joined> sentence = new ArrayList<>();
  private final Set<String> unknownWords = new LinkedHashSet<>();
  private Window.@Nullable Frame frame;
  private boolean readAll;
  private boolean blank = true;
  private int capacity;
  private int nextWindow;
  private int unknown;
  private int wordCount;
  private int passageCount;

  private record PendingWord(TextJob.Word word, String text, List<String> pieces) {}

  private record PendingPassage(Chunker.Range range, String text, @Nullable Pool pool) {}

  LongText(
      TextPieces pieces,
      Preparation preparation,
      BatchRunner runner,
      BatchRun run,
      Workers workers,
      Consumer<EncodedPart> sink,
      Cancel cancel) {
    this.preparation = preparation;
    this.runner = runner;
    this.run = run;
    this.workers = workers;
    this.sink = sink;
    this.cancel = cancel;
    this.pieces = pieces;
    this.feed = new PieceFeed(pieces, preparation, workers);
    this.wantsWindows = preparation.wantsWindows();
    this.chunker =
        preparation.request().passages() instanceof Passages.Chunks chunks
            ? new Chunker(chunks, preparation.wordFinder())
            : null;
    if (preparation.request().sentence()) {
      for (int layer = 0; layer < preparation.layers(); layer++) {
        sentence.add(preparation.pooler().new Joined(layer));
      }
    }
  }

  EncodedStream encode() throws IOException {
    try {
      while (true) {
        cancel.check();
        while (sections.size() < AHEAD) {
          Section section = nextSection();
          if (section == null) {
            break;
          }
          sections.add(section);
          section.start();
        }
        if (sections.isEmpty()) {
          return summary();
        }
        sections.getFirst().await();
        deliver(sections.removeFirst());
      }
    } finally {
      feed.abandon();
      sections.forEach(Section::abandon);
    }
  }

  /** What is encoded next; null after the last. */
  private @Nullable Section nextSection() throws IOException {
    while (!readAll && windows.size() < sectionWindows() && alone.size() < sectionWindows()) {
      advance();
    }
    if (windows.isEmpty() && alone.isEmpty()) {
      return null;
    }
    return new Section(take(windows), take(alone));
  }

  private <T> List<T> take(Deque<T> from) {
    var taken = new ArrayList<T>();
    while (!from.isEmpty() && taken.size() < sectionWindows()) {
      taken.add(from.removeFirst());
    }
    return taken;
  }

  private int sectionWindows() {
    if (preparation.request().words() == Words.NONE) {
      return MOST_WINDOWS;
    }
    long bytes =
        (long) preparation.layers()
            * runner.session().dimension()
            * Float.BYTES
            * Math.max(capacity, 1);
    return Math.clamp(SECTION_BYTES / bytes, LEAST_WINDOWS, MOST_WINDOWS);
  }

  /** Takes in the next piece of the text. */
  private void advance() throws IOException {
    PieceFeed.Ready piece = feed.next(cancel);
    if (piece == null) {
      readAll = true;
      Preparation.requireTokens(tokens.end(), blank);
      if (chunker != null) {
        addPassages(chunker.end());
      }
    } else {
      if (frame == null) {
        frame = piece.frame();
        capacity = preparation.capacity(frame);
      }
      blank &= piece.text().isBlank();
      unknown += piece.tokens().unknown();
      unknownWords.addAll(piece.unknown());
      for (PieceFeed.Word word : piece.words()) {
        var pool =
            new Pool(
                tokens.end() + word.from(),
                tokens.end() + word.to(),
                preparation.request().piecePooling());
        newWords.add(
            new PendingWord(new TextJob.Word(word.span(), pool), word.text(), word.pieces()));
      }
      tokens.add(piece.tokens());
      if (chunker != null) {
        text.add(piece.text());
        addPassages(chunker.add(piece.text(), piece.tokens()));
        text.dropBefore(chunker.frontierPlace());
      }
    }
    if (wantsWindows) {
      lay();
    } else {
      tokens.dropBefore(tokens.end());
    }
  }

  private void addPassages(List<Chunker.Range> ranges) {
    for (Chunker.Range range : ranges) {
      String its = text.slice(range.span().start(), range.span().end());
      if (preparation.late()) {
        var pool = new Pool(range.from(), range.to(), preparation.pooler().latePiecePooling());
        newPassages.add(new PendingPassage(range, its, pool));
      } else {
        alone.add(new PendingPassage(range, its, null));
      }
    }
  }

  /** Lays the windows whose place, and whose words and passages, are certain. */
  private void lay() {
    int known = tokens.end();
    WindowLayout layout =
        readAll ? new WindowLayout(known, capacity) : WindowLayout.endless(capacity);
    int certain = known;
    while (!newWords.isEmpty() && assign(newWords.getFirst().word.pool(), layout)) {
      words.add(newWords.removeFirst());
    }
    while (!newPassages.isEmpty() && assign(newPassages.getFirst().pool, layout)) {
      latePassages.add(newPassages.removeFirst());
    }
    if (!readAll) {
      if (!newWords.isEmpty()) {
        certain = Math.min(certain, newWords.getFirst().word.pool().from);
      }
      if (!newPassages.isEmpty()) {
        certain = Math.min(certain, newPassages.getFirst().pool.from);
      }
      if (chunker != null && preparation.late()) {
        certain = Math.min(certain, chunker.frontier());
      }
    }
    while (readAll
        ? nextWindow < layout.count()
        : layout.firm(nextWindow, known) && layout.end(nextWindow) <= certain) {
      List<Pool.Part> its = parts.remove(nextWindow);
      int from = layout.start(nextWindow);
      windows.add(
          new Window(
              frame,
              layout,
              nextWindow,
              tokens.slice(from, layout.end(nextWindow)),
              from,
              its == null ? List.of() : its,
              sentence.isEmpty() ? 0 : preparation.layers()));
      nextWindow++;
    }
    if (!readAll) {
      tokens.dropBefore(layout.start(nextWindow));
    }
  }

  /** Whether the windows of these tokens were certain, so that they are assigned now. */
  private boolean assign(Pool pool, WindowLayout layout) {
    if (!readAll && !layout.firm(layout.lastWith(pool.to), tokens.end())) {
      return false;
    }
    pool.assign(layout, preparation.layers());
    for (Pool.Part part : pool.parts) {
      parts.computeIfAbsent(part.window, _ -> new ArrayList<>()).add(part);
    }
    return true;
  }

  private void deliver(Section section) {
    int run = 0;
    for (Window window : section.windows) {
      sentence.forEach(layer -> layer.add(window));
      run = window.number + 1;
      if (preparation.late()) {
        seen.put(window.number, window.seen);
      }
    }
    while (!words.isEmpty() && words.getFirst().word.pool().lastWindow() < run) {
      PendingWord word = words.removeFirst();
      sink.accept(word.word.finish(word.text, word.pieces, runner.layers()));
      wordCount++;
    }
    while (!latePassages.isEmpty() && latePassages.getFirst().pool.lastWindow() < run) {
      PendingPassage passage = latePassages.removeFirst();
      Pool pool = passage.pool;
      deliver(
          new TextJob.Passage(passage.range, pool, null),
          passage.text,
          new Span(seen.get(pool.firstWindow()).start(), seen.get(pool.lastWindow()).end()));
    }
    int needed = latePassages.isEmpty() ? run : latePassages.getFirst().pool.firstWindow();
    seen.keySet().removeIf(window -> window < needed);
    for (int i = 0; i < section.alone.size(); i++) {
      PendingPassage passage = section.alone.get(i);
      deliver(new TextJob.Passage(passage.range, null, section.jobs[i]), passage.text, null);
      section.jobs[i] = null;
    }
  }

  private void deliver(TextJob.Passage passage, String its, @Nullable Span reach) {
    sink.accept(passage.finish(its, reach, runner.layers(), preparation.pooler()));
    passageCount++;
  }

  private EncodedStream summary() {
    int count = tokens.end();
    var warnings = new ArrayList<String>();
    if (unknown > 0) {
      warnings.add(preparation.unknownWarning(unknown, count, unknownWords));
    }
    if (preparation.request().sentence() && nextWindow > 1) {
      warnings.add(Preparation.meanWarning(count, capacity));
    }
    if (preparation.late()
        && preparation.pooler().pooling() != preparation.pooler().latePooling()) {
      warnings.add(preparation.lateWarning());
    }
    List<Integer> cuts = pieces.forcedCuts();
    if (!cuts.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%d places in the text are more than %,d characters after the last white space: it was cut there, and words and tokens beside the cuts may differ from those of the whole (at %s%s)",
              cuts.size(),
              pieces.size(),
              cuts.stream().limit(5).map(String::valueOf).collect(Collectors.joining(", ")),
              cuts.size() > 5 ? ", ..." : ""));
    }
    var vectors = new ArrayList<LayerVector>();
    for (int layer = 0; layer < sentence.size(); layer++) {
      vectors.add(new LayerVector(runner.layers().get(layer).name(), sentence.get(layer).vector()));
    }
    return new EncodedStream(
        pieces.characters(),
        count,
        unknown,
        nextWindow,
        wordCount,
        passageCount,
        vectors,
        cuts,
        warnings);
  }

  /** Windows, and passages to be encoded alone, that are encoded together. */
  private final class Section {
    final List<Window> windows;
    final List<PendingPassage> alone;
    final TextJob[] jobs;
    private @Nullable Work work;

    Section(List<Window> windows, List<PendingPassage> alone) {
      this.windows = windows;
      this.alone = alone;
      this.jobs = new TextJob[alone.size()];
    }

    void start() {
      var stop = new Stop();
      work =
          new Work(
              workers
                  .inParallel(
                      jobs.length, i -> jobs[i] = preparation.alone(alone.get(i).text), stop)
                  .thenCompose(_ -> runAll(stop)),
              stop);
    }

    private CompletableFuture<Void> runAll(Stop stop) {
      var all = new ArrayList<>(windows);
      for (TextJob job : jobs) {
        all.addAll(job.windows());
      }
      List<List<Window>> batches = runner.batches(all);
      return workers.inParallel(batches.size(), i -> run.run(batches.get(i), stop), stop);
    }

    void await() {
      work.await(cancel);
    }

    void abandon() {
      if (work != null) {
        work.abandon();
      }
    }
  }
}
