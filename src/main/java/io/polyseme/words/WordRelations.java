package io.polyseme.words;

import io.polyseme.PolysemeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Words that are related, as a lexicon or a user has them: what vectors are {@linkplain
 * Retrofitting retrofitted} to. Immutable.
 *
 * @param name of the lexicon, to be recorded
 * @param lists a word each, followed by those it is related to; a relation holds both ways, and may
 *     be told more than once
 */
public record WordRelations(String name, List<List<String>> lists) {
  public WordRelations {
    lists = lists.stream().map(List::copyOf).toList();
  }

  /**
   * Reads a file: a word a line, followed by those it is related to, with tabs between, or white
   * space where no word has any; so pairs of words too. Empty lines and lines that begin with # are
   * skipped.
   *
   * @throws PolysemeException if it cannot be read, or a line has not at least two words
   */
  public static WordRelations read(Path file) {
    List<List<String>> lists = new ArrayList<>();
    for (WordLines.Line line : WordLines.read(file, "lexicon")) {
      if (line.words().size() < 2 || line.words().contains("")) {
        throw new PolysemeException(
            "line %d of %s is not a word and others that it is related to: \"%s\""
                .formatted(line.number(), file, line.text()));
      }
      lists.add(line.words());
    }
    if (lists.isEmpty()) {
      throw new PolysemeException("the lexicon " + file + " has no words");
    }
    return new WordRelations(file.getFileName().toString(), lists);
  }
}
