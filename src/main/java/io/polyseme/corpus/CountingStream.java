package io.polyseme.corpus;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;

/** Counts what is read of a file as it lies there. */
final class CountingStream extends FilterInputStream {
  private long count;

  CountingStream(InputStream in) {
    super(in);
  }

  /** How many bytes were read. */
  long count() {
    return count;
  }

  /** What the bytes hold: themselves, or what was packed with gzip, which shows at their start. */
  InputStream unpacked() throws IOException {
    var head = new PushbackInputStream(this, 2);
    byte[] magic = head.readNBytes(2);
    head.unread(magic);
    boolean packed = magic.length == 2 && magic[0] == 0x1f && magic[1] == (byte) 0x8b;
    return packed ? new GZIPInputStream(head, 1 << 16) : head;
  }

  @Override
  public int read() throws IOException {
    int b = super.read();
    count += b >= 0 ? 1 : 0;
    return b;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int n = super.read(into, from, length);
    count += Math.max(0, n);
    return n;
  }
}
