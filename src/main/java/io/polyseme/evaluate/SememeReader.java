package io.polyseme.evaluate;

import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.SenseSamples.Labelled;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads SememeWSD: a Python dictionary a line, whose {@code sense} is a set of sememes and in whose
 * {@code context}, a list of words, {@code <target>} stands for the word. The word is put back.
 */
final class SememeReader {
  private static final String TARGET = "<target>";

  private SememeReader() {}

  /**
   * @throws io.polyseme.PolysemeException if a line is malformed, with its number
   */
  static List<Labelled> read(TestFile file) {
    var read = new ArrayList<Labelled>();
    for (TestFile.Line line : file.lines()) {
      if (!line.text().isBlank()) {
        read.add(read(file, line));
      }
    }
    return read;
  }

  private static Labelled read(TestFile file, TestFile.Line line) {
    Object value;
    try {
      value = PythonLiteral.parse(line.text());
    } catch (IllegalArgumentException e) {
      throw file.malformed(line, "no Python dictionary: " + e.getMessage());
    }
    if (!(value instanceof Map<?, ?> item)) {
      throw file.malformed(line, "no Python dictionary");
    }
    if (!(item.get("context") instanceof List<?> context)) {
      throw file.malformed(line, "no list of words as context");
    }
    if (!(item.get("target_word") instanceof String word) || word.isBlank()) {
      throw file.malformed(line, "no target_word");
    }
    if (!(item.get("target_position") instanceof Long position)
        || position < 0
        || position >= context.size()
        || !TARGET.equals(context.get(position.intValue()))) {
      throw file.malformed(line, "target_position is not that of %s".formatted(TARGET));
    }
    if (!(item.get("sense") instanceof Set<?> sememes) || sememes.isEmpty()) {
      throw file.malformed(line, "no set of sememes as sense");
    }
    var text = new StringBuilder();
    int start = 0;
    for (int i = 0; i < context.size(); i++) {
      if (i == position) {
        start = text.length();
        text.append(word);
      } else {
        text.append(context.get(i));
      }
    }
    var names = new TreeSet<String>();
    sememes.forEach(sememe -> names.add(String.valueOf(sememe)));
    return new Labelled(
        word,
        new Example(
            text.toString(), new Span(start, start + word.length()), String.join("|", names)));
  }
}
