package io.polyseme.insight.neurons;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusReader;
import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.EncoderInfo;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** A profile in the making. Not thread-safe. */
final class NeuronRun {
  /**
   * How the work goes.
   *
   * @param sentences how many are read before the model begins: those of the same length, which can
   *     be run together, are looked for among them
   * @param saveNanos after what time what is done is saved
   */
  record Pace(int sentences, long saveNanos) {
    static final Pace DEFAULT = new Pace(2048, 20_000_000_000L);
  }

  private final NeuronProfiling asked;
  private final Path target;
  private final Path state;
  private final CorpusReader corpus;
  private final Encoder encoder;
  private final Map<String, String> job;
  private final Pace pace;
  private final Progress progress;
  private final boolean kept;
  private long texts;

  NeuronRun(
      NeuronProfiling asked,
      Path target,
      CorpusReader corpus,
      Encoder encoder,
      Map<String, String> job,
      Pace pace,
      Progress progress) {
    this.asked = asked;
    this.target = target;
    this.state = target.resolveSibling("." + target.getFileName() + ".part");
    this.corpus = corpus;
    this.encoder = encoder;
    this.job = job;
    this.pace = pace;
    this.progress = progress;
    // Only what can be read again from its start can be gone on with.
    this.kept = corpus.file() != null;
  }

  NeuronProfile run(Cancel cancel) throws IOException {
    NeuronTally tally = begin();
    if (corpus.skip(texts) < texts) {
      throw new PolysemeException(
          "%s has fewer texts than the %d that are done; --restart begins anew"
              .formatted(corpus.name(), texts));
    }
    try {
      read(tally, cancel);
    } catch (CancelledException e) {
      throw new CancelledException(
          e.getMessage()
              + (kept && Files.exists(state)
                  ? "; what is done is kept in %s: the same command goes on from there"
                      .formatted(state)
                  : "; nothing is kept"));
    }
    if (tally.tokens() == 0) {
      throw new PolysemeException(corpus.name() + " has no text to read");
    }
    NeuronProfileFile.write(target, content(tally, true));
    Files.deleteIfExists(state);
    return new NeuronProfile(about(), tally);
  }

  private NeuronTally begin() throws IOException {
    if (asked.restart()) {
      Files.deleteIfExists(state);
    }
    if (kept && !asked.restart() && Files.exists(state)) {
      NeuronProfileFile.Content before = NeuronProfileFile.read(state);
      if (!before.job().equals(job)) {
        throw new PolysemeException(
            "%s was begun otherwise and is not finished: %s. Ask for the same again and it goes on; --restart throws away what is there and begins anew"
                .formatted(asked.out(), differences(before.job())));
      }
      texts = before.about().texts();
      return before.tally();
    }
    int[] layers = layers();
    var first = new Tap.FeedForward(layers[0]);
    Inside inside = encoder.inside();
    int width = inside.activations(inside.tokenise("a"), ActivationRequest.of(first)).width(first);
    return new NeuronTally(layers, width, asked.top());
  }

  private int[] layers() {
    int n = encoder.inside().layers();
    if (asked.layers().isEmpty()) {
      return IntStream.rangeClosed(1, n).toArray();
    }
    for (int layer : asked.layers()) {
      if (layer < 1 || layer > n) {
        throw new IllegalArgumentException(
            "there is no feed-forward layer %d: the model has layers 1 to %d".formatted(layer, n));
      }
    }
    return asked.layers().stream().mapToInt(layer -> layer).toArray();
  }

  private String differences(Map<String, String> before) {
    Set<String> names = new LinkedHashSet<>(job.keySet());
    names.addAll(before.keySet());
    return names.stream()
        .filter(name -> !job.getOrDefault(name, "").equals(before.getOrDefault(name, "")))
        .map(
            name ->
                "%s (%s before, now %s)"
                    .formatted(
                        name,
                        before.getOrDefault(name, "nothing"),
                        job.getOrDefault(name, "nothing")))
        .reduce((a, b) -> a + "; " + b)
        .orElse("nothing");
  }

  private void read(NeuronTally tally, Cancel cancel) {
    Set<Tap> taps = new HashSet<>();
    for (int layer : tally.layers) {
      taps.add(new Tap.FeedForward(layer));
    }
    ActivationRequest request = ActivationRequest.of(taps);
    var cutter = new SentenceCutter(encoder.inside());
    long length = corpus.length();
    long saved = System.nanoTime();
    tell(tally, length);
    while (wanted(tally, 0)) {
      var part = new ArrayList<TokenisedText>();
      long tokens = 0;
      while (part.size() < pace.sentences && wanted(tally, tokens)) {
        cancel.check();
        CorpusText text = corpus.next();
        texts++;
        if (text.readable() && !text.text().isBlank()) {
          for (TokenisedText sentence : cutter.cut(text.text())) {
            part.add(sentence);
            tokens += sentence.count();
          }
        }
      }
      part.sort(Comparator.comparingInt(TokenisedText::count)); // stable
      encoder
          .inside()
          .activations(
              part.iterator(),
              request,
              values -> {
                tally.take(values);
                tell(tally, length);
              },
              cancel);
      if (kept && System.nanoTime() - saved >= pace.saveNanos) {
        NeuronProfileFile.write(state, content(tally, false));
        saved = System.nanoTime();
      }
    }
  }

  /**
   * @param ahead how many tokens are read and not counted yet
   */
  private boolean wanted(NeuronTally tally, long ahead) {
    return texts < asked.texts() && tally.tokens() + ahead < asked.tokens() && corpus.hasNext();
  }

  private void tell(NeuronTally tally, long length) {
    String task = "profiling neurons";
    if (asked.tokens() < Long.MAX_VALUE) {
      progress.update(task, Math.min(tally.tokens(), asked.tokens()), asked.tokens());
    } else if (asked.texts() < Long.MAX_VALUE) {
      progress.update(task, texts, asked.texts());
    } else {
      progress.update(task, corpus.position(), length);
    }
  }

  private NeuronProfile.About about() {
    EncoderInfo info = encoder.info();
    return new NeuronProfile.About(info.card().name(), info.fingerprint(), corpus.name(), texts);
  }

  private NeuronProfileFile.Content content(NeuronTally tally, boolean finished) {
    return new NeuronProfileFile.Content(about(), tally, job, finished);
  }
}
