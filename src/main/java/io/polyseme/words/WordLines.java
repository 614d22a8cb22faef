package io.polyseme.words;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file of some words a line, with tabs between, or white space where no word has any; empty lines
 * and lines that begin with # are skipped.
 */
final class WordLines {
  /**
   * @param number of the line, from 1
   * @param text of the line
   * @param words without the white space around them; one is empty where a tab follows on another
   */
  record Line(int number, String text, List<String> words) {}

  private WordLines() {}

  /**
   * @param what the file is, for messages
   * @throws PolysemeException if it cannot be read
   */
  static List<Line> read(Path file, String what) {
    List<Line> read = new ArrayList<>();
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (!line.isEmpty() && !line.startsWith("#")) {
          String[] words = line.split(line.indexOf('\t') >= 0 ? "\\t" : "\\s+");
          read.add(new Line(i + 1, line, Stream.of(words).map(String::strip).toList()));
        }
      }
    } catch (CharacterCodingException e) {
      throw new PolysemeException("the %s %s is not text in UTF-8".formatted(what, file), e);
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no %s %s; check the path".formatted(what, file), e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read the %s %s: %s".formatted(what, file, e), e);
    }
    return read;
  }
}
