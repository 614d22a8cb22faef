package io.polyseme.encoder;

import ai.onnxruntime.OrtException;
import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Workers.Work;
import io.polyseme.encoder.graph.EncoderGraph;
import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.encoder.graph.Tap;
import io.polyseme.vector.Span;
import java.text.BreakIterator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The inside of an encoder: what its attention heads and feed-forward layers compute as it reads a
 * text, what they are made of, and what changes when one is taken out. Thread-safe; to be used
 * while the encoder is open.
 *
 * <p>Layers are counted from 1 to n, heads from 0. A text is read whole, in one window: what looks
 * at what is only defined there.
 */
public final class Inside {
  /** Bytes of values that are held at once, about, while many texts are read. */
  private static final long CHUNK_BYTES = 64L << 20;

  private static final int CHUNKS_AHEAD = 2;
  private static final int MOST_ROWS = 64;

  /** By this much of the largest number states differ by rounding alone. */
  private static final float SAME = 1e-5f;

  private final Encoder encoder;
  private final EncoderGraph graph;
  private final Tokenizer tokenizer;
  private final WordFinder wordFinder;
  private final Sessions sessions;
  private final Workers workers;

  Inside(
      Encoder encoder,
      EncoderGraph graph,
      Tokenizer tokenizer,
      WordFinder wordFinder,
      Sessions sessions,
      Workers workers) {
    this.encoder = encoder;
    this.graph = graph;
    this.tokenizer = tokenizer;
    this.wordFinder = wordFinder;
    this.sessions = sessions;
    this.workers = workers;
  }

  /** What the encoder is. */
  public EncoderInfo info() {
    return encoder.info();
  }

  /**
   * The number of layers.
   *
   * @throws PolysemeException if the model's graph was not understood, as all methods here
   */
  public int layers() {
    return graph.layers();
  }

  /** Whether a value can be had of this model; fused operators hide some. */
  public boolean has(Tap tap) {
    return graph.has(tap);
  }

  /** The pieces that the tokenizer knows, in the order of their ids. */
  public List<String> vocabulary() {
    return encoder.vocabulary();
  }

  /**
   * A text as the model is given it, alone: what some models' cards have put before a text for it
   * to be compared (as "query: ") is not added.
   *
   * @throws PolysemeException if there is nothing in it, or more than fits the model's window
   */
  public TokenisedText tokenise(String text) {
    return encoder.whileOpen(() -> tokenised(List.of(text)));
  }

  /**
   * A pair of texts as the model is given it, with what its tokenizer puts between them.
   *
   * @throws PolysemeException if there is nothing in one of them, or more than fits the model's
   *     window
   */
  public TokenisedText tokenise(String first, String second) {
    return encoder.whileOpen(() -> tokenised(List.of(first, second)));
  }

  /**
   * A text of any length, in pieces that follow one another and are read each by itself: cut at the
   * ends of sentences where there are any, else between words, else wherever it must be.
   *
   * @param most how many tokens a piece may have, special ones included, at most; more than the
   *     model's window is that window
   * @throws PolysemeException if there is nothing in it
   */
  public List<TokenisedText> tokeniseInPieces(String text, int most) {
    int room = Math.min(most, encoder.info().window()) - tokenizer.frame(1).count();
    if (room < 1) {
      throw new IllegalArgumentException("no token fits beside the special ones: " + most);
    }
    return encoder.whileOpen(
        () -> {
          var pieces = new ArrayList<TokenisedText>();
          addPieces(Encoder.wellFormed(text), room, pieces);
          return pieces;
        });
  }

  private void addPieces(String text, int room, List<TokenisedText> pieces) {
    Tokens tokens = tokenizer.tokenize(text);
    if (tokens.count() <= room) {
      pieces.add(tokenised(List.of(text)));
      return;
    }
    BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);
    sentences.setText(text);
    int start = 0;
    int first = 0;
    while (tokens.count() - first > room) {
      // No later than where the first token that has no room begins.
      int limit = tokens.starts()[first + room];
      int end = sentences.isBoundary(limit) ? limit : sentences.preceding(limit);
      if (tokens.firstStartingAt(Math.max(end, 0)) <= first) {
        end = limit;
        while (end > start && !Character.isWhitespace(text.charAt(end - 1))) {
          end--;
        }
      }
      if (tokens.firstStartingAt(end) <= first) {
        end = Math.max(limit, tokens.ends()[first]);
      }
      if (start == 0 && end == text.length()) {
        throw new PolysemeException(
            "one character has %d tokens, and a piece may have %d".formatted(tokens.count(), room));
      }
      // A part may be cut into other tokens than it was within the whole, though seldom.
      addPieces(text.substring(start, end), room, pieces);
      start = end;
      first = tokens.firstStartingAt(end);
    }
    if (first < tokens.count()) {
      addPieces(text.substring(start), room, pieces);
    }
  }

  private TokenisedText tokenised(List<String> texts) {
    Tokenizer.Frame frame = tokenizer.frame(texts.size());
    var tokens = new ArrayList<Tokens>();
    int count = frame.count();
    for (String text : texts) {
      String wellFormed = Encoder.wellFormed(text);
      Tokens of = tokenizer.tokenize(wellFormed);
      Preparation.requireTokens(of.count(), wellFormed.isBlank());
      tokens.add(of);
      count += of.count();
    }
    int window = encoder.info().window();
    if (count > window) {
      throw new PolysemeException(
          "the text has %d tokens with those that stand around it, and %s takes %d at once: look at a part of it"
              .formatted(count, encoder.info().card().name(), window));
    }
    var ids = new int[count];
    var types = new int[count];
    var parts = new int[count];
    var pieces = new String[count];
    var starts = new int[count];
    var ends = new int[count];
    var words = new ArrayList<TokenisedText.Word>();
    int at = 0;
    for (int part = 0; part <= texts.size(); part++) {
      for (Tokenizer.Special special : frame.specials().get(part)) {
        ids[at] = special.id();
        types[at] = special.type();
        parts[at] = -1;
        pieces[at] = special.piece();
        at++;
      }
      if (part == texts.size()) {
        break;
      }
      Tokens of = tokens.get(part);
      String text = texts.get(part);
      for (Span span : wordFinder.words(Encoder.wellFormed(text))) {
        int from = of.firstEndingAfter(span.start());
        int to = of.firstStartingAt(span.end());
        // Where a token spans two words, the first has it.
        if (!words.isEmpty() && words.getLast().part() == part) {
          from = Math.max(from, words.getLast().to() - at);
        }
        if (from < to) {
          words.add(new TokenisedText.Word(span.of(text), part, span, at + from, at + to));
        }
      }
      for (int token = 0; token < of.count(); token++) {
        ids[at] = of.ids()[token];
        types[at] = frame.types().get(part);
        parts[at] = part;
        pieces[at] = of.pieces()[token];
        starts[at] = of.starts()[token];
        ends[at] = of.ends()[token];
        at++;
      }
    }
    return new TokenisedText(texts, ids, types, parts, pieces, starts, ends, words);
  }

  /**
   * Values inside the model as it reads one text.
   *
   * @throws IllegalArgumentException if the model has no such layer, or a part is replaced that
   *     none of the values comes after
   * @throws PolysemeException if the graph hides a value, or the model fails
   */
  public Activations activations(TokenisedText text, ActivationRequest request) {
    return encoder.whileOpen(
        () -> {
          try (Sessions.Lease lease = sessions.acquire(values(request))) {
            var result = new Activations[1];
            run(lease.session(), List.of(text), request, new Stop(), result);
            return result[0];
          }
        });
  }

  /**
   * Values inside the model as it reads any number of texts, in constant memory, texts of the same
   * length together. Texts are read, and results given, on the calling thread, in the order of the
   * texts, while the next ones are run.
   *
   * @throws CancelledException if cancelled or interrupted; what was given stays valid
   * @throws PolysemeException as {@link #activations(TokenisedText, ActivationRequest)}
   */
  public void activations(
      Iterator<TokenisedText> texts,
      ActivationRequest request,
      Consumer<Activations> sink,
      Cancel cancel) {
    encoder.whileOpen(
        () -> {
          try (Sessions.Lease lease = sessions.acquire(values(request))) {
            Deque<Chunk> begun = new ArrayDeque<>();
            try {
              while (texts.hasNext() || !begun.isEmpty()) {
                cancel.check();
                while (begun.size() < CHUNKS_AHEAD && texts.hasNext()) {
                  begun.add(new Chunk(lease.session(), read(texts, request), request));
                }
                Chunk first = begun.getFirst();
                first.work.await(cancel);
                begun.removeFirst();
                for (Activations one : first.results) {
                  sink.accept(one);
                }
              }
            } finally {
              begun.forEach(chunk -> chunk.work.abandon());
            }
          }
          return null;
        });
  }

  private List<TokenisedText> read(Iterator<TokenisedText> texts, ActivationRequest request) {
    var chunk = new ArrayList<TokenisedText>();
    long bytes = 0;
    while (texts.hasNext() && bytes < CHUNK_BYTES) {
      TokenisedText text = texts.next();
      chunk.add(text);
      for (Tap tap : request.taps()) {
        long width =
            switch (tap) {
              case Tap.Attention _, Tap.Scores _ ->
                  (long) Math.max(1, graph.heads()) * text.count();
              case Tap.FeedForward _, Tap.PreActivation _ -> 4L * graph.dimension();
              default -> graph.dimension();
            };
        bytes += width * text.count() * Float.BYTES;
      }
    }
    return chunk;
  }

  /** Texts that are run together. */
  private final class Chunk {
    final Activations[] results;
    final Work work;

    Chunk(ModelSession session, List<TokenisedText> texts, ActivationRequest request) {
      results = new Activations[texts.size()];
      var order = new ArrayList<Integer>();
      for (int i = 0; i < texts.size(); i++) {
        order.add(i);
      }
      order.sort(Comparator.comparingInt(i -> -texts.get(i).count()));
      int most = graph.quantisation() == Quantisation.BY_BATCH ? 1 : MOST_ROWS;
      var batches = new ArrayList<List<Integer>>();
      for (int i : order) {
        List<Integer> last = batches.isEmpty() ? null : batches.getLast();
        if (last == null
            || last.size() == most
            || texts.get(last.getFirst()).count() != texts.get(i).count()) {
          last = new ArrayList<>();
          batches.add(last);
        }
        last.add(i);
      }
      var stop = new Stop();
      work =
          new Work(
              workers.inParallel(
                  batches.size(),
                  n -> {
                    List<Integer> batch = batches.get(n);
                    var made = new Activations[batch.size()];
                    run(session, batch.stream().map(texts::get).toList(), request, stop, made);
                    for (int i = 0; i < made.length; i++) {
                      results[batch.get(i)] = made[i];
                    }
                  },
                  stop),
              stop);
    }
  }

  private void run(
      ModelSession session,
      List<TokenisedText> texts,
      ActivationRequest request,
      Stop stop,
      Activations[] results) {
    var ids = new int[texts.size()][];
    var types = new int[texts.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = texts.get(i).rawIds();
      types[i] = texts.get(i).types();
    }
    encoder.withWorkspace(
        workspace -> {
          try {
            Map<Tap, float[]> values = session.run(workspace, ids, types, request.replaced(), stop);
            for (int i = 0; i < ids.length; i++) {
              results[i] = new Activations(texts.get(i), values, ids.length, i);
            }
          } catch (OrtException e) {
            if (stop.isSet()) {
              throw new CancelledException("cancelled");
            }
            throw new PolysemeException(
                "ONNX Runtime failed on a text of %d tokens: %s"
                    .formatted(ids[0].length, ModelSession.firstLine(e)),
                e);
          }
        });
  }

  /** One session for the same replaced kind of value in any layer, so that a scan needs no more. */
  private ModelSession.Values values(ActivationRequest request) {
    int last = request.taps().stream().mapToInt(Tap::layer).max().orElse(0);
    if (last > graph.layers()) { // and says why where the graph is not understood
      throw new IllegalArgumentException(
          "there is no layer %d: the model has %d".formatted(last, graph.layers()));
    }
    Set<Tap> patched = new HashSet<>();
    for (Tap tap : request.replaced().keySet()) {
      if (request.taps().stream().allMatch(asked -> place(asked) < place(tap))) {
        throw new IllegalArgumentException(
            "%s cannot change anything that is asked for, which ends before it in layer %d"
                .formatted(tap, last));
      }
      patched.add(tap);
      for (int layer = 1; layer <= last; layer++) {
        Tap other = inLayer(tap, layer);
        if (graph.has(other)) {
          patched.add(other);
        }
      }
    }
    return new ModelSession.Values(request.taps(), patched);
  }

  /** Where in the order in which a model computes them a value comes. */
  private static int place(Tap tap) {
    int within =
        switch (tap) {
          case Tap.Query _, Tap.Key _, Tap.Value _ -> 0;
          case Tap.Scores _ -> 1;
          case Tap.Attention _ -> 2;
          case Tap.Context _ -> 3;
          case Tap.AttentionOutput _ -> 4;
          case Tap.AfterAttention _ -> 5;
          case Tap.PreActivation _ -> 6;
          case Tap.FeedForward _ -> 7;
          case Tap.FeedForwardOutput _ -> 8;
          case Tap.HiddenState _ -> 9;
        };
    return 10 * tap.layer() + within;
  }

  private static Tap inLayer(Tap tap, int layer) {
    return switch (tap) {
      case Tap.HiddenState _ -> new Tap.HiddenState(layer);
      case Tap.Scores _ -> new Tap.Scores(layer);
      case Tap.Attention _ -> new Tap.Attention(layer);
      case Tap.Query _ -> new Tap.Query(layer);
      case Tap.Key _ -> new Tap.Key(layer);
      case Tap.Value _ -> new Tap.Value(layer);
      case Tap.Context _ -> new Tap.Context(layer);
      case Tap.AttentionOutput _ -> new Tap.AttentionOutput(layer);
      case Tap.AfterAttention _ -> new Tap.AfterAttention(layer);
      case Tap.PreActivation _ -> new Tap.PreActivation(layer);
      case Tap.FeedForward _ -> new Tap.FeedForward(layer);
      case Tap.FeedForwardOutput _ -> new Tap.FeedForwardOutput(layer);
    };
  }

  /**
   * The output projection of a layer's attention: from what the heads bring, side by side, to what
   * is added to the hidden state. Rows head × width to (head + 1) × width are of one head.
   *
   * @throws PolysemeException if the graph hides it
   */
  public Projection attentionOutput(int layer) {
    return linear(new Tap.Context(layer), new Tap.AttentionOutput(layer));
  }

  /**
   * The second projection of a layer's feed-forward layer: a row for each neuron, what it adds to
   * the hidden state (the "value" of Geva et al. 2021, section 2).
   *
   * @throws PolysemeException if the graph hides it
   */
  public Projection feedForwardOutput(int layer) {
    return linear(new Tap.FeedForward(layer), new Tap.FeedForwardOutput(layer));
  }

  /** A map is what it makes of each unit vector, less what it makes of nothing. */
  private Projection linear(Tap from, Tap to) {
    EncoderGraph.Part part = graph.between(from, to);
    int inputs =
        part.width() > 0
            ? part.width()
            : activations(tokenise("a"), ActivationRequest.of(from)).width(from);
    var units = new float[(inputs + 1) * inputs];
    for (int i = 0; i < inputs; i++) {
      units[i * inputs + i] = 1;
    }
    float[] made = value(part, units, new long[] {1, inputs + 1L, inputs});
    int outputs = made.length / (inputs + 1);
    float[] bias = Arrays.copyOfRange(made, inputs * outputs, made.length);
    float[] weights = Arrays.copyOf(made, inputs * outputs);
    for (int i = 0; i < weights.length; i++) {
      weights[i] -= bias[i % outputs];
    }
    return new Projection(inputs, outputs, weights, bias);
  }

  /**
   * The table of word embeddings, float[vocabulary × dimension]; vectors that positions and token
   * types are added to.
   *
   * @throws PolysemeException if it was not found
   */
  public float[] wordEmbeddings() {
    return value(graph.wordEmbeddings(), null, null);
  }

  /** The number of rows of {@link #wordEmbeddings}; 0 where it cannot be told. */
  public int vocabularyRows() {
    return graph.vocabularySize();
  }

  /**
   * What normalises the hidden state after a layer's attention has been added to it; null where it
   * goes on as it is (pre-LN).
   *
   * @throws PolysemeException if it is hidden, or none that is known
   */
  public @Nullable LayerNorm normAfterAttention(int layer) {
    return norm(graph.normAfterAttention(layer));
  }

  /**
   * What normalises the hidden state after a layer's feed-forward layer has been added to it, or,
   * after the last layer, at the end of the encoder; null where it goes on as it is.
   *
   * @throws PolysemeException if it is hidden, or none that is known
   */
  public @Nullable LayerNorm normAfterFeedForward(int layer) {
    return norm(graph.normAfterFeedForward(layer));
  }

  private @Nullable LayerNorm norm(EncoderGraph.@Nullable Norm norm) {
    return norm == null
        ? null
        : new LayerNorm(
            value(norm.scale(), null, null),
            norm.shift() == null ? null : value(norm.shift(), null, null),
            norm.epsilon());
  }

  /** Computes a part of the graph alone. */
  private float[] value(EncoderGraph.Part part, float @Nullable [] input, long @Nullable [] shape) {
    try (GraphPart opened = GraphPart.open(part, info().card().name(), 1)) {
      return opened.run(input, shape);
    }
  }

  /** Whether the model has a language-model head, which {@link #head} opens. */
  public boolean hasHead() {
    return graph.understood() && graph.head() != null;
  }

  /**
   * Opens the model's language-model head: from a hidden state to scores of words.
   *
   * @throws PolysemeException if it has none that was found
   */
  public WordHead head() {
    EncoderGraph.WordScores scores = graph.head();
    if (scores == null) {
      throw new PolysemeException(
          "%s has no language-model head, which predicts words; \"polyseme train-head\" learns one from raw text"
              .formatted(info().card().name()));
    }
    return encoder.whileOpen(
        () -> WordHead.open(scores, kind(), tokenizer, info(), encoder.threads()));
  }

  /** Whether the first of some tokens changes with the last: in a causal model it never does. */
  private WordHead.Kind kind() {
    TokenisedText text = tokenise("a a a a");
    TokenisedText other = tokenise("b");
    int[] ids = text.ids();
    ids[lastOfText(text)] = other.id(lastOfText(other));
    int first = 0;
    while (text.special(first)) {
      first++;
    }
    var tap = new Tap.HiddenState(layers());
    float[] one = activations(text, ActivationRequest.of(tap)).at(tap, first);
    float[] changed = activations(text.withIds(ids), ActivationRequest.of(tap)).at(tap, first);
    float largest = 0;
    float change = 0;
    for (int i = 0; i < one.length; i++) {
      largest = Math.max(largest, Math.abs(one[i]));
      change = Math.max(change, Math.abs(one[i] - changed[i]));
    }
    return change <= SAME * largest ? WordHead.Kind.CAUSAL : WordHead.Kind.MASKED;
  }

  private static int lastOfText(TokenisedText text) {
    int last = text.count() - 1;
    while (text.special(last)) {
      last--;
    }
    return last;
  }

  /** The id of the token that stands for a masked word; empty where the tokenizer has none. */
  public OptionalInt maskId() {
    return WordHead.maskId(tokenizer);
  }
}
