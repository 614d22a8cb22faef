package io.polyseme.corpus;

/**
 * Puts the tokens of a tokenised corpus together again as they would be written: no space before
 * punctuation, after an opening bracket or quotation mark, or within a contraction ({@code do
 * n't}). Not thread-safe.
 */
public final class TokenText {
  private static final String BEFORE_NONE = ",.;:?!%)]}…";
  private static final String AFTER_NONE = "([{$£€#";

  private final StringBuilder text = new StringBuilder();
  private boolean open;
  private boolean glue = true;

  /**
   * Adds a token; underscores within it become spaces.
   *
   * @return where it begins; it ends where the text ends now
   */
  public int add(String token) {
    String written =
        switch (token) {
          case "``", "''" -> "\"";
          case "`" -> "'";
          case "-LRB-", "-lrb-" -> "(";
          case "-RRB-", "-rrb-" -> ")";
          case "-LSB-", "-lsb-" -> "[";
          case "-RSB-", "-rsb-" -> "]";
          default -> token.length() > 1 ? token.replace('_', ' ') : token;
        };
    boolean quote = written.equals("\"");
    // Some corpora have `` at both ends.
    boolean closing = quote && (open || token.equals("''"));
    boolean before = closing || isGluedBefore(written);
    if (!glue && !before) {
      text.append(' ');
    }
    int start = text.length();
    if (written.equals(".") && start > 0 && text.charAt(start - 1) == '.') {
      return start - 1; // of an abbreviation
    }
    text.append(written);
    glue = quote && !closing || written.length() == 1 && AFTER_NONE.contains(written);
    if (quote) {
      open = !closing;
    }
    return start;
  }

  private static boolean isGluedBefore(String token) {
    if (token.isEmpty()) {
      return true;
    }
    if (BEFORE_NONE.indexOf(token.charAt(0)) >= 0
        && token.chars().allMatch(c -> BEFORE_NONE.indexOf(c) >= 0)) {
      return true;
    }
    return token.equalsIgnoreCase("n't")
        || token.charAt(0) == '\''
            && token.length() > 1
            && token.length() <= 3
            && Character.isLetter(token.charAt(1));
  }

  /** How long the text is so far. */
  public int length() {
    return text.length();
  }

  /** The text so far. */
  @Override
  public String toString() {
    return text.toString();
  }
}
