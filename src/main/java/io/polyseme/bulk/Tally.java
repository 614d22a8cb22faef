package io.polyseme.bulk;

import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.Encoded;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Counts what goes through to another sink, and tells how far it has come. */
final class Tally implements TextSink {
  private static final int WARNINGS = 5;

  private final TextSink to;
  private final JobState resumed;
  private final BulkProgress progress;
  private final long length;
  private final long start;
  private final List<String> warnings;
  private long texts;
  private long failed;
  private long tokens;

  /**
   * @param resumed what was done before
   * @param length of the input in bytes; -1 where it is not known
   * @param start by {@link System#nanoTime()}
   */
  Tally(TextSink to, JobState resumed, BulkProgress progress, long length, long start) {
    this.to = to;
    this.resumed = resumed;
    this.progress = progress;
    this.length = length;
    this.start = start;
    this.warnings = new ArrayList<>(resumed.warnings());
    this.texts = resumed.texts();
    this.failed = resumed.failed();
    this.tokens = resumed.tokens();
  }

  /** How far it has come, all texts so far together; of files it knows nothing. */
  JobState state(boolean finished) {
    return new JobState(texts, failed, tokens, resumed.lengths(), warnings, finished);
  }

  @Override
  public void done(CorpusText text, Encoded encoded) throws IOException {
    to.done(text, encoded);
    texts++;
    tokens += encoded.tokens();
    tell(text.position());
  }

  @Override
  public void failed(CorpusText text, String why) throws IOException {
    to.failed(text, why);
    texts++;
    failed++;
    if (warnings.size() < WARNINGS) {
      warnings.add("line " + text.line() + ": " + why);
    }
    tell(text.position());
  }

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  /**
   * @param position how much of the input is done, in bytes
   */
  void tell(long position) {
    progress.update(
        new BulkProgress.Status(
            texts, failed, tokens, resumed.texts(), resumed.tokens(), position, length, seconds()));
  }
}
