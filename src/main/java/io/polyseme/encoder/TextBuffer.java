package io.polyseme.encoder;

/** The part of a long text that is still needed, addressed by places in the whole text. */
final class TextBuffer {
  private final StringBuilder kept = new StringBuilder();
  private int start;

  void add(String text) {
    kept.append(text);
  }

  /** The place after all that was added. */
  int end() {
    return start + kept.length();
  }

  String slice(int from, int to) {
    return kept.substring(from - start, to - start);
  }

  char at(int place) {
    return kept.charAt(place - start);
  }

  /** Nothing before this place is needed any more. */
  void dropBefore(int place) {
    // Only once it is half of what is kept, so that moving the rest costs no more than adding it.
    if (place - start > Math.max(kept.length() / 2, 1 << 12)) {
      kept.delete(0, place - start);
      start = place;
    }
  }
}
