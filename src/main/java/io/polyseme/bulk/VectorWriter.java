package io.polyseme.bulk;

import java.io.IOException;

/** Writes what became of the texts into the files of a job. Not thread-safe. */
interface VectorWriter extends TextSink, AutoCloseable {
  /** Leaves nothing unwritten: what follows is another part. */
  void endPart() throws IOException;

  /** Makes the files what they are to be, once all parts are written. */
  void finish(long texts) throws IOException;

  /** Frees what it has, not the files, which are the job folder's. */
  @Override
  default void close() {}
}
