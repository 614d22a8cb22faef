package io.polyseme.bulk;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is written at its end. Not thread-safe; closed by whoever opened it. */
final class GrowingFile extends OutputStream {
  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(1 << 18).order(ByteOrder.LITTLE_ENDIAN);

  private GrowingFile(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens a file, new or not, and cuts off what goes beyond this length. */
  static GrowingFile open(Path path, long length) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      channel.truncate(length).position(length);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return new GrowingFile(channel);
  }

  /** What it has, written or about to be. */
  long length() throws IOException {
    return channel.position() + buffer.position();
  }

  @Override
  public void write(int b) throws IOException {
    room(1);
    buffer.put((byte) b);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    int at = from;
    int left = length;
    while (left > 0) {
      room(1);
      int n = Math.min(left, buffer.remaining());
      buffer.put(bytes, at, n);
      at += n;
      left -= n;
    }
  }

  /** Little-endian. */
  void write(float[] floats) throws IOException {
    for (float x : floats) {
      room(Float.BYTES);
      buffer.putFloat(x);
    }
  }

  private void room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }

  @Override
  public void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /** What it has, from its beginning; nothing is to be written meanwhile. */
  InputStream read() throws IOException {
    flush();
    return new BufferedInputStream(
        new InputStream() {
          private long at;

          @Override
          public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
          }

          @Override
          public int read(byte[] into, int from, int length) throws IOException {
            int n = channel.read(ByteBuffer.wrap(into, from, length), at);
            at += Math.max(0, n);
            return n;
          }
        });
  }

  /** Returns once all of it is on the disk. */
  void force() throws IOException {
    flush();
    channel.force(true);
  }

  /** Writes over the first bytes. */
  void patch(byte[] head) throws IOException {
    flush();
    ByteBuffer bytes = ByteBuffer.wrap(head);
    while (bytes.hasRemaining()) {
      channel.write(bytes, bytes.position());
    }
  }

  /** Closes without writing what is still to be written. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
