package io.polyseme.insight.heads;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.corpus.CorpusOptions;
import io.polyseme.encoder.ActivationRequest;
import io.polyseme.encoder.Activations;
import io.polyseme.encoder.Inside;
import io.polyseme.encoder.TokenisedText;
import io.polyseme.encoder.graph.Tap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts what the attention heads of a model look at, over a corpus of any size in constant memory.
 * Attention is that between words (see {@link HeadPattern}): summed over the pieces of a word that
 * is looked at, averaged over those of the one that looks (Clark, Khandelwal, Levy and Manning
 * 2019, "What Does BERT Look At? An Analysis of BERT's Attention"). Special tokens are looked at,
 * and do not look.
 *
 * <p>Thread-safe; to be used while the encoder is open.
 */
public final class HeadProfiler {
  private static final long SAVED_EVERY_NANOS = 60_000_000_000L;

  private final Inside inside;
  private final HeadProfileOptions options;

  public HeadProfiler(Inside inside, HeadProfileOptions options) {
    this.inside = inside;
    this.options = options;
  }

  /**
   * Reads files of texts.
   *
   * @param files in the order in which they are read
   * @param saved where the sums so far are kept, once a minute and at the end; what is there is
   *     gone on with, and gives to the last digit what one run would have given. Null to keep them
   *     nowhere
   * @throws PolysemeException if a file cannot be read, nothing in them can, or {@code saved} is of
   *     another model, other files or other options
   * @throws io.polyseme.CancelledException if cancelled; the sums are saved before
   */
  public HeadProfiles profile(
      List<Path> files,
      CorpusOptions reading,
      @Nullable Path saved,
      Progress progress,
      Cancel cancel) {
    HeadRun run =
        saved != null && Files.exists(saved)
            ? HeadRun.read(saved, key(files, reading))
            : HeadRun.start(key(files, reading), inside.layers(), inside.info().heads());
    try (var feed = new PieceFeed(inside, files, reading, options, run)) {
      long[] savedAt = {System.nanoTime()};
      try {
        inside.activations(
            feed,
            ActivationRequest.of(taps()),
            values -> {
              feed.take(values);
              if (saved != null && System.nanoTime() - savedAt[0] > SAVED_EVERY_NANOS) {
                run.write(saved);
                savedAt[0] = System.nanoTime();
              }
              feed.report(progress);
            },
            cancel);
        feed.finish();
      } finally {
        if (saved != null) {
          run.write(saved);
        }
      }
    }
    HeadProfiles profiles = run.profiles();
    if (profiles.texts() == 0) {
      throw new PolysemeException("there is no text to read in " + files);
    }
    return profiles;
  }

  /**
   * The profile of each head in one text. There are no two halves: no heads are chosen as the best.
   *
   * @throws PolysemeException if the graph hides the attention, or the model fails
   */
  public HeadProfiles profile(TokenisedText text) {
    var sums = new HeadSums(inside.layers(), inside.info().heads());
    sums.add(0, Units.of(text), inside.activations(text, ActivationRequest.of(taps())));
    return HeadProfiles.of(sums, 1, 1, text.count(), 0);
  }

  /**
   * The strongest look of each head in one text, layer by layer.
   *
   * @throws PolysemeException as {@link #profile(TokenisedText)}
   */
  public List<HeadLink> strongest(TokenisedText text) {
    Units units = Units.of(text);
    int count = units.count();
    Activations values = inside.activations(text, ActivationRequest.of(taps()));
    var joined = new float[count * count];
    var links = new ArrayList<HeadLink>();
    for (int layer = 1; layer <= inside.layers(); layer++) {
      float[] attention = values.all(new Tap.Attention(layer));
      for (int head = 0; head < inside.info().heads(); head++) {
        units.join(attention, head, joined);
        int best = -1;
        for (int pair = 0; pair < joined.length; pair++) {
          int from = pair / count;
          int to = pair % count;
          boolean counts = from != to && !units.special(from) && !units.special(to);
          if (counts && (best < 0 || joined[pair] > joined[best])) {
            best = pair;
          }
        }
        var at = new HeadRef(layer, head);
        links.add(
            best < 0
                ? new HeadLink(at, "", "", 0)
                : new HeadLink(
                    at, units.text(best / count), units.text(best % count), joined[best]));
      }
    }
    return links;
  }

  private Set<Tap> taps() {
    Set<Tap> taps = new HashSet<>();
    for (int layer = 1; layer <= inside.layers(); layer++) {
      taps.add(new Tap.Attention(layer));
    }
    return taps;
  }

  /** What a saved run must be of. */
  private String key(List<Path> files, CorpusOptions reading) {
    return HeadRun.key(inside.info().fingerprint(), options.pieceTokens(), files, reading);
  }
}
