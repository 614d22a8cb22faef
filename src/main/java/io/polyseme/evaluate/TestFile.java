package io.polyseme.evaluate;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A small text file of UTF-8, by lines. Lines end with LF or CR LF; a BOM is passed over. */
record TestFile(Path path, List<Line> lines) {

  /**
   * A line without its end.
   *
   * @param number from 1
   */
  record Line(int number, String text) {}

  /**
   * @param expected what should be there, for the message
   * @throws PolysemeException if it is not there, cannot be read, or is no UTF-8
   */
  static TestFile read(Path path, String expected) {
    if (!Files.exists(path)) {
      throw new PolysemeException(
          "%s does not exist; %s is expected there".formatted(path, expected));
    }
    if (!Files.isRegularFile(path)) {
      throw new PolysemeException("%s is no file; %s is expected there".formatted(path, expected));
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(path);
    } catch (IOException e) {
      throw new PolysemeException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
    var lines = new ArrayList<Line>();
    int start = 0;
    while (start < bytes.length) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      int length = end - start;
      if (length > 0 && bytes[end - 1] == '\r') {
        length--;
      }
      int number = lines.size() + 1;
      try {
        String text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, start, length))
                .toString();
        lines.add(
            new Line(number, number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text));
      } catch (CharacterCodingException e) {
        throw new PolysemeException(
            "%s, line %d: not UTF-8; %s is expected there".formatted(path, number, expected), e);
      }
      start = end + 1;
    }
    return new TestFile(path, List.copyOf(lines));
  }

  /** An error about a line, with the file, its number and, shortened, itself. */
  PolysemeException malformed(Line line, String problem) {
    String text = line.text();
    String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
    return new PolysemeException(
        "%s, line %d: %s: \"%s\"".formatted(path, line.number(), problem, shown));
  }

  /** The name without its ending. */
  static String stem(Path path) {
    String name = String.valueOf(path.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
