package io.polyseme.encoder;

import java.util.concurrent.atomic.LongAdder;

/** Where the threads of an encoder spend their time, in nanoseconds of all of them together. */
final class Stages {
  final LongAdder tokenising = new LongAdder();
  final LongAdder running = new LongAdder();
  final LongAdder pooling = new LongAdder();
  final LongAdder tokens = new LongAdder();
  final LongAdder places = new LongAdder();

  void clear() {
    tokenising.reset();
    running.reset();
    pooling.reset();
    tokens.reset();
    places.reset();
  }
}
