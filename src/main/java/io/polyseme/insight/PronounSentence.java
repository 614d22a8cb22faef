package io.polyseme.insight;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sentence with a pronoun that means one of its nouns.
 *
 * @param text the sentence
 * @param pronoun where the pronoun stands
 * @param antecedent the noun that it means
 * @param others the other nouns
 */
public record PronounSentence(String text, Span pronoun, Span antecedent, List<Span> others) {
  private static final String RESOURCE = "pronouns.txt";
  private static final Pattern MARK =
      Pattern.compile("\\[([mfn]):([^\\]]+)\\]|\\{([^|}]+)\\|([^}]+)\\}");

  public PronounSentence {
    others = List.copyOf(others);
  }

  /**
   * The sentences that come with the library: English, in twins that differ in the gender of the
   * pronoun alone, so that what does not know of gender is right in half of them at most.
   */
  public static List<PronounSentence> bundled() {
    try (InputStream in = PronounSentence.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new PolysemeException("the class path lacks " + RESOURCE);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    } catch (IOException e) {
      throw new PolysemeException("cannot read %s: %s".formatted(RESOURCE, e.getMessage()), e);
    }
  }

  /** Two sentences of each line: the first twin's pronoun, then the second's. */
  static List<PronounSentence> parse(List<String> lines) {
    var sentences = new ArrayList<PronounSentence>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        try {
          sentences.add(sentence(line, true));
          sentences.add(sentence(line, false));
        } catch (IllegalArgumentException e) {
          throw new PolysemeException(
              "line %d of the sentences with pronouns: %s".formatted(i + 1, e.getMessage()), e);
        }
      }
    }
    return sentences;
  }

  private static PronounSentence sentence(String line, boolean man) {
    var text = new StringBuilder();
    var antecedents = new ArrayList<Span>();
    var pronouns = new ArrayList<Span>();
    var others = new ArrayList<Span>();
    Matcher mark = MARK.matcher(line);
    int at = 0;
    while (mark.find()) {
      text.append(line, at, mark.start());
      at = mark.end();
      int start = text.length();
      if (mark.group(1) == null) {
        text.append(mark.group(man ? 3 : 4));
        pronouns.add(new Span(start, text.length()));
      } else {
        text.append(mark.group(2));
        (mark.group(1).equals(man ? "m" : "f") ? antecedents : others)
            .add(new Span(start, text.length()));
      }
    }
    text.append(line.substring(at));
    if (antecedents.size() != 1 || pronouns.size() != 1 || others.isEmpty()) {
      throw new IllegalArgumentException(
          "one [m:noun], one [f:noun] and one {he|she} are needed: " + line);
    }
    return new PronounSentence(
        text.toString(), pronouns.getFirst(), antecedents.getFirst(), others);
  }
}
