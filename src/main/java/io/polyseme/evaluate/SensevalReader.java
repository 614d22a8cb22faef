package io.polyseme.evaluate;

import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.SenseSamples.Labelled;
import io.polyseme.vector.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads Senseval's lexical samples: {@code <instance>} with an {@code <answer senseid="">} and a
 * {@code <context>}, in which {@code <head>} marks the word. The files are no well-formed XML
 * (there are bare ampersands, and marks that no one closes), so they are read tag by tag, and tags
 * that say nothing of words are passed over. Tokens are put together as they would be written.
 */
final class SensevalReader {
  private static final Pattern PART =
      Pattern.compile(
          "<(/?[A-Za-z]+)((?:\\s+[A-Za-z]+\\s*=\\s*(?:\"[^\"]*\"|'[^']*'))*)\\s*/?>|[^<]+|<");

  private static final Pattern SENSE =
      Pattern.compile("\\bsenseid\\s*=\\s*(?:\"([^\"]+)\"|'([^']+)')");
  private static final Pattern ITEM = Pattern.compile("\\bitem\\s*=\\s*(?:\"([^\"]+)\"|'([^']+)')");

  private final TestFile file;
  private final List<Labelled> read = new ArrayList<>();
  private final List<String> tokens = new ArrayList<>();
  private String word;

  /** Where the instance begins that is being read; null between instances. */
  private TestFile.@Nullable Line begun;

  private @Nullable String sense;
  private boolean inContext;
  private boolean inHead;
  private int head;

  private SensevalReader(TestFile file) {
    this.file = file;
    this.word = TestFile.stem(file.path());
  }

  /**
   * @throws io.polyseme.PolysemeException if an instance lacks something, with the number of the
   *     line where it begins
   */
  static List<Labelled> read(TestFile file) {
    var reader = new SensevalReader(file);
    for (TestFile.Line line : file.lines()) {
      Matcher part = PART.matcher(line.text());
      while (part.find()) {
        if (part.group(1) == null) {
          reader.text(part.group());
        } else {
          reader.tag(part.group(1), part.group(2), line);
        }
      }
    }
    if (reader.begun != null) {
      throw file.malformed(reader.begun, "the instance has no end");
    }
    if (reader.read.isEmpty() && !file.lines().isEmpty()) {
      throw file.malformed(file.lines().getFirst(), "no <instance> follows");
    }
    return reader.read;
  }

  private void text(String text) {
    if (inContext && !text.isBlank()) {
      for (String token : text.strip().split("\\s+")) {
        if (inHead && head < 0) {
          head = tokens.size();
        }
        tokens.add(unescaped(token));
      }
    }
  }

  private static String unescaped(String token) {
    return token
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&");
  }

  private void tag(String name, String attributes, TestFile.Line line) {
    switch (name) {
      case "lexelt" -> {
        String item = attribute(ITEM, attributes);
        if (item == null) {
          throw file.malformed(line, "the lexelt has no item");
        }
        word = item.replaceFirst("[-.][a-z]$", ""); // the part of speech
      }
      case "instance" -> {
        if (begun != null) {
          throw file.malformed(begun, "the instance has no end");
        }
        begun = line;
        sense = null;
        head = -1;
        tokens.clear();
      }
      case "answer" -> {
        String id = attribute(SENSE, attributes);
        if (id == null) {
          throw file.malformed(line, "the answer has no senseid");
        }
        sense = sense == null ? id : sense;
      }
      case "context" -> inContext = true;
      case "/context" -> inContext = false;
      case "head" -> inHead = true;
      case "/head" -> inHead = false;
      case "/instance" -> end(line);
      default -> {}
    }
  }

  private static @Nullable String attribute(Pattern pattern, String attributes) {
    Matcher m = pattern.matcher(attributes);
    return !m.find() ? null : m.group(1) != null ? m.group(1) : m.group(2);
  }

  private void end(TestFile.Line line) {
    if (begun == null) {
      throw file.malformed(line, "no instance was begun");
    }
    if (sense == null) {
      throw file.malformed(begun, "the instance has no answer");
    }
    if (head < 0) {
      throw file.malformed(begun, "the instance has no <head> in its context");
    }
    Term.Usage usage = Tokenised.usage(tokens, head);
    read.add(new Labelled(word, new Example(usage.text(), usage.span(), sense)));
    begun = null;
  }
}
