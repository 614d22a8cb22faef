package io.polyseme.encoder;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.encoder.Workers.Work;
import io.polyseme.encoder.graph.EncoderGraph;
import io.polyseme.encoder.graph.Quantisation;
import io.polyseme.model.ModelCard;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.Pooling;
import io.polyseme.vector.Maker;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Transformer encoder: text in, the vectors of its words and of the whole out, from any layer.
 *
 * <p>Thread-safe. Whoever opened it closes it; {@link #close()} waits for calls in flight, and
 * calls after it are an {@link IllegalStateException}. A session of ONNX Runtime is made on the
 * first use of a set of layers and computes nothing beyond the highest of them; the few sets used
 * last are kept.
 *
 * <p>A text longer than the model's window is encoded in windows that overlap by a quarter, and
 * each word is taken from the window where its poorer side has the most context. A vector does not
 * depend on what else is encoded beside it, beyond the rounding of float32 matrix kernels (1e-5 of
 * an element); dynamically quantised models are run text by text for this reason.
 */
public final class Encoder implements AutoCloseable {
  /** How many texts, characters and bytes of vectors are under way at once, in bulk. */
  private static final int CHUNK_TEXTS = 2048;

  private static final long CHUNK_CHARACTERS = 2_000_000;
  private static final long CHUNK_BYTES = 32L << 20;
  private static final int CHUNKS_AHEAD = 3;

  private final ModelFiles files;
  private final EncoderOptions options;
  private final EncoderGraph graph;
  private final Tokenizer tokenizer;
  private final WordFinder wordFinder;
  private final ChosenProvider provider;
  private final Sessions sessions;
  private final EncoderInfo info;
  private final int padding;
  private final Queue<Workspace> workspaces = new ConcurrentLinkedQueue<>();
  private final Workers workers;
  private final Stages stages = new Stages();
  private final EncodedCache cache;
  private final ReadWriteLock closing = new ReentrantReadWriteLock();
  private boolean closed;

  private Encoder(
      ModelFiles files,
      EncoderOptions options,
      EncoderGraph graph,
      Tokenizer tokenizer,
      ChosenProvider provider,
      @Nullable String profile) {
    this.files = files;
    this.options = options;
    this.graph = graph;
    this.tokenizer = tokenizer;
    this.wordFinder = new WordFinder(options.dictionary());
    this.provider = provider;
    this.sessions =
        new Sessions(
            values ->
                provider.onCuda() && profile == null && values.patched().isEmpty()
                    ? ModelSession.openAndPlace(files, graph, values, provider)
                    : ModelSession.open(files, graph, values, provider, profile));
    this.padding = files.paddingId().orElse(tokenizer.padding().orElse(0));
    this.cache = new EncodedCache(options.cacheBytes());
    this.workers = new Workers(options.threads());
    ModelCard card = files.card();
    int window = card.window();
    if (graph.understood() && graph.maximumPositions() > 0) {
      window = Math.min(window, graph.maximumPositions());
    }
    this.info =
        new EncoderInfo(
            card,
            files.fingerprint(),
            graph.understood() ? graph.layers() : 0,
            graph.understood() ? graph.dimension() : 0,
            graph.understood() ? graph.heads() : 0,
            tokenizer.vocabulary().size(),
            window,
            graph.quantisation(),
            graph.problem());
  }

  /** Opens a model on the CPU. */
  public static Encoder open(ModelFiles files) {
    return open(files, EncoderOptions.DEFAULT);
  }

  /**
   * Opens a model. Reads its graph and tokenizer; weights are loaded on first use.
   *
   * @throws PolysemeException if a file is missing or broken, tokenizer and model do not belong
   *     together, what is needed is not on the class path, or the device that was asked for is not
   *     there: it says what is missing
   */
  public static Encoder open(ModelFiles files, EncoderOptions options) {
    return profiled(files, options, null);
  }

  /**
   * Opens a model whose sessions write a profile when they are closed.
   *
   * @param profile the beginning of the path of each profile; null for none
   */
  static Encoder profiled(ModelFiles files, EncoderOptions options, @Nullable String profile) {
    EncoderGraph graph = EncoderGraph.read(files.onnx());
    Tokenizer tokenizer = Tokenizer.open(files.tokenizer());
    try {
      int rows = graph.understood() ? graph.vocabularySize() : 0;
      if (rows > 0 && tokenizer.vocabulary().size() > rows) {
        throw new PolysemeException(
            "%s and %s do not belong together: the tokenizer has pieces up to id %d, the model rows for %d"
                .formatted(
                    files.tokenizer(), files.onnx(), tokenizer.vocabulary().size() - 1, rows));
      }
      ChosenProvider provider = ChosenProvider.of(options, graph, files.card().name());
      return new Encoder(files, options, graph, tokenizer, provider, profile);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** Where its threads have spent their time so far. */
  Stages stages() {
    return stages;
  }

  /**
   * What runs the model, and why. On a GPU the model is loaded for this if no call has done so yet:
   * only a run tells which operators are left to the CPU.
   *
   * @throws PolysemeException if the GPU cannot run the model
   */
  public ExecutionProvider executionProvider() {
    if (provider.onCuda() && provider.info().placement() == null) {
      open(EncodeRequest.ofWords(), call -> call.session);
    }
    return provider.info();
  }

  public EncoderInfo info() {
    return info;
  }

  int threads() {
    return options.threads();
  }

  /** The pieces that the tokenizer knows, in the order of their ids. */
  public List<String> vocabulary() {
    return tokenizer.vocabulary().pieces().entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> entry.getValue()))
        .map(entry -> entry.getKey())
        .toList();
  }

  /** The words of a text, as {@link Words#ALL} finds them. */
  public List<Span> words(String text) {
    return wordFinder.words(wellFormed(text));
  }

  /**
   * The chunks of a text, as {@link EncodeRequest#ofPassages} cuts it, without encoding them.
   * Memory does not grow with the text, but for the answer.
   *
   * @param text of any length
   * @throws IllegalArgumentException if the chunks do not fit the model's window
   */
  public List<TextChunk> chunks(String text, Passages.Chunks chunks) {
    int most = info.window() - tokenizer.prefix().length - tokenizer.suffix().length;
    if (chunks.tokens() > most) {
      throw new IllegalArgumentException(
          "chunks of %d tokens do not fit %s: it takes %d at once, of which %d are left for the text"
              .formatted(chunks.tokens(), files.card().name(), info.window(), Math.max(most, 0)));
    }
    return whileOpen(() -> Chunker.chunks(text, chunks, tokenizer, wordFinder));
  }

  /**
   * What an index of vectors made by such a request records.
   *
   * @param of words or sentences
   */
  public Maker maker(EncodeRequest request, Target of) {
    String pooling =
        of == Target.WORD
            ? "pieces:" + request.piecePooling().name().toLowerCase(Locale.ROOT)
            : "sentence:" + String.valueOf(sentencePooling(request)).toLowerCase(Locale.ROOT);
    return new Maker(
        files.card().name(), files.fingerprint(), request.layers().toString(), pooling);
  }

  private @Nullable Pooling sentencePooling(EncodeRequest request) {
    return request.sentencePooling() == null ? files.card().pooling() : request.sentencePooling();
  }

  /** What a vector stands for. */
  public enum Target {
    WORD,
    SENTENCE
  }

  /** Encodes one text. */
  public Encoded encode(String text, EncodeRequest request) {
    return encode(TextInput.of(text), request);
  }

  /**
   * Encodes one text.
   *
   * @throws IllegalArgumentException if a span lies outside the text, or the model has no such
   *     layer
   * @throws PolysemeException if there is nothing in the text to encode, or the model fails
   */
  public Encoded encode(TextInput input, EncodeRequest request) {
    return encode(input, request, null);
  }

  /**
   * As {@link #encode(TextInput, EncodeRequest)}, until cancelled: a run of the model is broken off
   * then, whatever its length.
   *
   * @throws io.polyseme.CancelledException if cancelled, interrupted or out of time
   */
  public Encoded encode(TextInput input, EncodeRequest request, @Nullable Cancel cancel) {
    return open(
        request,
        call -> {
          Encoded known = cache.get(input, request);
          if (known != null) {
            return known;
          }
          TextJob job = call.preparation.job(input);
          var windows = new ArrayList<Window>();
          job.addWindows(windows);
          List<List<Window>> batches = call.runner.batches(windows);
          var stop = new Stop();
          if (batches.size() <= 1 && cancel == null) {
            batches.forEach(batch -> call.run(batch, stop));
          } else {
            new Work(
                    workers.inParallel(batches.size(), i -> call.run(batches.get(i), stop), stop),
                    stop)
                .await(cancel == null ? Cancel.create() : cancel);
          }
          Encoded encoded = job.finish(request, call.layers, call.preparation.pooler());
          cache.put(input, request, encoded);
          return encoded;
        });
  }

  /**
   * Encodes any number of texts in constant memory, in batches of like length. Inputs are read, and
   * results given, on the calling thread, in the order of the inputs, while the next ones are being
   * encoded. A text that cannot be encoded gives an {@link EncodeResult.Failed} in its place.
   *
   * @throws io.polyseme.CancelledException if cancelled or interrupted; what was given stays valid
   * @throws PolysemeException if the model fails
   */
  public void encodeAll(
      Iterator<TextInput> inputs,
      EncodeRequest request,
      Consumer<EncodeResult> sink,
      Cancel cancel) {
    open(
        request,
        call -> {
          long perCharacter = (long) call.layers.size() * call.session.dimension() * Float.BYTES;
          long characters =
              request.words() == Words.NONE
                  ? CHUNK_CHARACTERS
                  : Math.clamp(CHUNK_BYTES * 5 / perCharacter, 4096, CHUNK_CHARACTERS);
          long index = 0;
          Deque<Chunk> begun = new ArrayDeque<>();
          try {
            while (inputs.hasNext() || !begun.isEmpty()) {
              cancel.check();
              // The workers have the next chunk to go on with while one comes to its end, and
              // another one while this thread hands out what they have done.
              while (begun.size() < CHUNKS_AHEAD && inputs.hasNext()) {
                var chunk = new Chunk(call, index, read(inputs, characters));
                index += chunk.inputs.size();
                begun.add(chunk);
                chunk.start();
              }
              begun.getFirst().await(cancel);
              begun.removeFirst().deliver(request, sink);
            }
          } finally {
            begun.forEach(Chunk::abandon);
          }
          return null;
        });
  }

  /**
   * Encodes one text of any length, up to 2^31 - 1 UTF-16 units, in constant memory: words and
   * passages are given as they are ready, on the calling thread, which reads the text, too, while
   * the next ones are being encoded. Words come in the order of the text, and so do passages. Their
   * vectors are those that {@link #encode(TextInput, EncodeRequest)} gives, up to the rounding of
   * matrix kernels: each has its full window of context. Only where the text has a run of tens of
   * thousands of characters without white space or East Asian punctuation, it is cut there, which
   * {@link EncodedStream#forcedCuts()} says.
   *
   * @param text read to its end, and not closed
   * @param request of all words or none; what it wants of the sentence is in the answer
   * @throws IOException if the text cannot be read; what was given stays valid, here and below
   * @throws IllegalArgumentException if given words or passages are asked for, which come with a
   *     {@link TextInput}, or a truncated text, or chunks that do not fit the model's window
   * @throws io.polyseme.CancelledException if cancelled or interrupted
   * @throws PolysemeException if there is nothing in the text to encode, or the model fails
   */
  public EncodedStream encodeStream(
      Reader text, EncodeRequest request, Consumer<EncodedPart> sink, Cancel cancel)
      throws IOException {
    return encodeStream(new TextPieces(text, TextPieces.SIZE), request, sink, cancel);
  }

  EncodedStream encodeStream(
      TextPieces text, EncodeRequest request, Consumer<EncodedPart> sink, Cancel cancel)
      throws IOException {
    if (request.words() == Words.GIVEN || request.passages() instanceof Passages.Given) {
      throw new IllegalArgumentException(
          "a text that is read as a stream has no given spans: encode it as a TextInput");
    }
    if (request.longTexts() == LongTexts.TRUNCATED) {
      throw new IllegalArgumentException(
          "a text that is read as a stream is encoded whole: encode what is wanted of it as a TextInput");
    }
    try {
      return open(
          request,
          call -> {
            try {
              return new LongText(
                      text, call.preparation, call.runner, call::run, workers, sink, cancel)
                  .encode();
            } catch (IOException e) {
              throw new ReadFailure(e);
            }
          });
    } catch (ReadFailure e) {
      throw e.failure;
    }
  }

  /** Carries a failure to read a text out of a call. */
  private static final class ReadFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    final IOException failure;

    ReadFailure(IOException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  private static List<TextInput> read(Iterator<TextInput> inputs, long characters) {
    var chunk = new ArrayList<TextInput>();
    long sum = 0;
    while (inputs.hasNext() && chunk.size() < CHUNK_TEXTS && sum < characters) {
      TextInput input = inputs.next();
      chunk.add(input);
      sum += input.text().length();
    }
    return chunk;
  }

  /**
   * Resolves words and words in contexts as this request makes word vectors; a text is the mean of
   * nothing here and is refused.
   */
  public TermResolver wordResolver(EncodeRequest request) {
    EncodeRequest one =
        request.withWords(Words.GIVEN).withSentence(false).withPassages(Passages.NONE);
    requireSingleVector(one);
    return term ->
        switch (term) {
          case Term.Word(String word) -> wordVector(word, new Span(0, word.length()), one);
          case Term.Usage(String text, Span span) -> wordVector(text, span, one);
          case Term.Text _ ->
              throw new IllegalArgumentException(
                  "a text cannot be compared with word vectors; ask with a word, or a word in a text");
          case Term.Literal literal -> literal.vector();
        };
  }

  /** Resolves words and texts alike as this request makes sentence vectors. */
  public TermResolver textResolver(EncodeRequest request) {
    EncodeRequest one =
        request.withSentence(true).withWords(Words.NONE).withPassages(Passages.NONE);
    requireSingleVector(one);
    return term ->
        switch (term) {
          case Term.Word(String word) -> encode(word, one).vector();
          case Term.Text(String text) -> encode(text, one).vector();
          case Term.Usage _ ->
              throw new IllegalArgumentException(
                  "a word in its context cannot be compared with vectors of whole texts");
          case Term.Literal literal -> literal.vector();
        };
  }

  private void requireSingleVector(EncodeRequest request) {
    if (layers(request).size() != 1) {
      throw new IllegalArgumentException(
          "terms need one layer, or several joined by sum or mean: " + request.layers());
    }
  }

  private float[] wordVector(String text, Span span, EncodeRequest request) {
    return encode(TextInput.of(text, span), request).words().getFirst().vector();
  }

  private List<Layers.Resolved> layers(EncodeRequest request) {
    if (!graph.understood()) {
      if (!request.layers().equals(Layers.last())) {
        throw new PolysemeException(
            "only the last layer of %s can be had: %s".formatted(files.onnx(), graph.problem()));
      }
      return List.of(new Layers.Resolved("last", new int[] {0}, Layers.Join.EACH));
    }
    return request.layers().resolve(graph.layers());
  }

  /** What one call needs. */
  private final class Call {
    final EncodeRequest request;
    final List<Layers.Resolved> layers;
    final ModelSession session;
    final Preparation preparation;
    final BatchRunner runner;

    Call(EncodeRequest request, List<Layers.Resolved> layers, ModelSession session) {
      this.request = request;
      this.layers = layers;
      this.session = session;
      ModelCard card = files.card();
      Pooling pooling = sentencePooling(request);
      boolean whole = request.sentence() || !(request.passages() instanceof Passages.None);
      if (whole && pooling == null) {
        throw new PolysemeException(
            "no sentence vectors of %s: %s; say mean, cls, last or max (--pool, or pooling in a recipe), or add a 1_Pooling/config.json that does"
                .formatted(card.name(), files.poolingProblem()));
      }
      String prefix =
          switch (request.role()) {
            case NONE -> "";
            case SYMMETRIC -> card.passagePrefix().isEmpty() ? "" : card.queryPrefix();
            case QUERY -> card.queryPrefix();
            case PASSAGE -> card.passagePrefix();
          };
      this.preparation =
          new Preparation(
              tokenizer,
              wordFinder,
              request,
              new SentencePooler(
                  pooling == null ? Pooling.MEAN : pooling, card.normalise(), session.dimension()),
              prefix,
              card.name(),
              info.window(),
              layers.size());
      this.runner =
          new BatchRunner(
              session,
              padding,
              layers,
              preparation.pooler().pooling(),
              graph.quantisation() == Quantisation.BY_BATCH,
              options.threads(),
              options.batchTokens(),
              stages);
    }

    void run(List<Window> batch, Stop stop) {
      withWorkspace(workspace -> runner.run(batch, workspace, stop));
    }
  }

  /** Lends the memory of one run. */
  void withWorkspace(Consumer<Workspace> run) {
    Workspace workspace = workspaces.poll();
    if (workspace == null) {
      workspace = new Workspace();
    }
    try {
      run.accept(workspace);
    } finally {
      workspaces.add(workspace);
    }
  }

  /** Texts that are encoded together, in two parallel steps: tokens, then batches. */
  private final class Chunk {
    final Call call;
    final long firstIndex;
    final List<TextInput> inputs;
    private final TextJob[] jobs;
    private final @Nullable Encoded[] known;
    private final PolysemeException[] errors;
    private @Nullable Work work;

    Chunk(Call call, long firstIndex, List<TextInput> inputs) {
      this.call = call;
      this.firstIndex = firstIndex;
      this.inputs = inputs;
      this.jobs = new TextJob[inputs.size()];
      this.known = new Encoded[inputs.size()];
      this.errors = new PolysemeException[inputs.size()];
    }

    void start() {
      var stop = new Stop();
      work =
          new Work(
              workers
                  .inParallel(jobs.length, this::prepare, stop)
                  .thenCompose(_ -> runBatches(stop)),
              stop);
    }

    private CompletableFuture<Void> runBatches(Stop stop) {
      var windows = new ArrayList<Window>();
      for (TextJob job : jobs) {
        if (job != null) {
          job.addWindows(windows);
        }
      }
      List<List<Window>> batches = call.runner.batches(windows);
      return workers.inParallel(batches.size(), i -> call.run(batches.get(i), stop), stop);
    }

    private void prepare(int i) {
      long start = System.nanoTime();
      try {
        known[i] = cache.get(inputs.get(i), call.request);
        if (known[i] == null) {
          jobs[i] = call.preparation.job(inputs.get(i));
        }
      } catch (PolysemeException e) {
        errors[i] = e;
      } catch (IllegalArgumentException e) {
        errors[i] = new PolysemeException(e.getMessage(), e);
      } finally {
        stages.tokenising.add(System.nanoTime() - start);
      }
    }

    void await(Cancel cancel) {
      if (work != null) {
        work.await(cancel);
      }
    }

    void deliver(EncodeRequest request, Consumer<EncodeResult> sink) {
      for (int i = 0; i < jobs.length; i++) {
        long index = firstIndex + i;
        if (errors[i] != null) {
          sink.accept(new EncodeResult.Failed(index, inputs.get(i), errors[i]));
          continue;
        }
        Encoded encoded = known[i];
        if (encoded == null) {
          encoded = jobs[i].finish(request, call.layers, call.preparation.pooler());
          cache.put(inputs.get(i), request, encoded);
        }
        sink.accept(new EncodeResult.Done(index, encoded));
        known[i] = null;
        jobs[i] = null;
      }
    }

    void abandon() {
      if (work != null) {
        work.abandon();
      }
    }
  }

  private interface Body<T> {
    T in(Call call);
  }

  /** Runs a call with a session, while {@link #close} waits. */
  private <T> T open(EncodeRequest request, Body<T> body) {
    return whileOpen(
        () -> {
          List<Layers.Resolved> layers = layers(request);
          SortedSet<Integer> needed = new TreeSet<>();
          layers.forEach(l -> Arrays.stream(l.layers()).forEach(needed::add));
          try (Sessions.Lease lease = sessions.acquire(ModelSession.Values.ofLayers(needed))) {
            return body.in(new Call(request, layers, lease.session()));
          }
        });
  }

  /** Runs a call while {@link #close} waits. */
  <T> T whileOpen(Supplier<T> body) {
    closing.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the encoder is closed");
      }
      return body.get();
    } finally {
      closing.readLock().unlock();
    }
  }

  /** What is inside the model: attention, activations, weights, and what they do. */
  public Inside inside() {
    return new Inside(this, graph, tokenizer, wordFinder, sessions, workers);
  }

  /** The text with unpaired surrogates replaced, which no tokenizer takes. Keeps every offset. */
  static String wellFormed(String text) {
    StringBuilder mended = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      if (mended == null) {
        mended = new StringBuilder(text);
      }
      mended.setCharAt(i, '\uFFFD');
    }
    return mended == null ? text : mended.toString();
  }

  /** Waits for calls in flight, then frees the model. Further calls do nothing. */
  @Override
  public void close() {
    closing.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      workers.close();
      sessions.close();
      Workspace workspace;
      while ((workspace = workspaces.poll()) != null) {
        workspace.close();
      }
      tokenizer.close();
    } finally {
      closing.writeLock().unlock();
    }
  }
}
