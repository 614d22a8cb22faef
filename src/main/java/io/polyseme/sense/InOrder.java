package io.polyseme.sense;

import io.polyseme.Cancel;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.TextInput;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Encodes the texts of any things, and gives each thing the result of its own. */
final class InOrder {
  private InOrder() {}

  /**
   * @param items read while others are being encoded, on this thread
   * @param sink called on this thread, in the order of the items
   */
  static <T> void encode(
      Iterator<T> items,
      Function<T, TextInput> text,
      Encoder encoder,
      EncodeRequest request,
      BiConsumer<T, EncodeResult> sink,
      Cancel cancel) {
    Queue<T> underWay = new ArrayDeque<>();
    encoder.encodeAll(
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return items.hasNext();
          }

          @Override
          public TextInput next() {
            T item = items.next();
            underWay.add(item);
            return text.apply(item);
          }
        },
        request,
        result -> sink.accept(underWay.remove(), result),
        cancel);
  }
}
