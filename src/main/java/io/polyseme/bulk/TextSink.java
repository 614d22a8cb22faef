package io.polyseme.bulk;

import io.polyseme.corpus.CorpusText;
import io.polyseme.encoder.Encoded;
import java.io.IOException;

/** Takes what became of each text, in their order. */
interface TextSink {
  void done(CorpusText text, Encoded encoded) throws IOException;

  /**
   * @param why it could not be encoded
   */
  void failed(CorpusText text, String why) throws IOException;
}
