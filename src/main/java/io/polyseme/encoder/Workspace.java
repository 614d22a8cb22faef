package io.polyseme.encoder;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The native memory of one run: inputs and outputs that ONNX Runtime reads and writes in place.
 * Grows to the largest batch it has seen and is used again. For one thread at a time.
 */
final class Workspace implements AutoCloseable {
  private final List<Block> inputs = new ArrayList<>();
  private final List<Block> outputs = new ArrayList<>();

  private static final class Block implements AutoCloseable {
    private Arena arena = Arena.ofShared();
    private MemorySegment memory = MemorySegment.NULL;

    ByteBuffer buffer(long bytes) {
      if (memory.byteSize() < bytes) {
        arena.close();
        arena = Arena.ofShared();
        memory = arena.allocate(Math.max(bytes, 4096), 64);
      }
      return memory.asSlice(0, bytes).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** The n-th input's memory; its old content is lost. */
  ByteBuffer input(int n, long bytes) {
    return block(inputs, n).buffer(bytes);
  }

  /** The n-th output's memory; its old content is lost. */
  ByteBuffer output(int n, long bytes) {
    return block(outputs, n).buffer(bytes);
  }

  private static Block block(List<Block> blocks, int n) {
    while (blocks.size() <= n) {
      blocks.add(new Block());
    }
    return blocks.get(n);
  }

  @Override
  public void close() {
    inputs.forEach(Block::close);
    outputs.forEach(Block::close);
  }
}
