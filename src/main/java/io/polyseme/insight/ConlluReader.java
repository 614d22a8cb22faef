package io.polyseme.insight;

import io.polyseme.PolysemeException;
import io.polyseme.insight.ParsedSentence.Word;
import io.polyseme.vector.Span;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one file in the CoNLL-U format. Not thread-safe. */
final class ConlluReader {
  private static final int COLUMNS = 10;
  private static final int SHOWN = 80;
  private static final Pattern WORD = Pattern.compile("[1-9]\\d{0,5}");
  private static final Pattern RANGE = Pattern.compile("([1-9]\\d{0,5})-([1-9]\\d{0,5})");
  private static final Pattern EMPTY = Pattern.compile("\\d{1,6}\\.\\d{1,6}");
  private static final Pattern COMMENT = Pattern.compile("#\\s*(sent_id|text)\\s*=\\s*(.*)");

  private final Path file;
  private final List<ParsedSentence> sentences = new ArrayList<>();
  private int line;
  private String id = "";
  private String text = "";
  private int textLine;
  private final List<Row> rows = new ArrayList<>();

  /** What is written as one, and the line of each syntactic word. */
  private final List<Token> tokens = new ArrayList<>();

  private record Row(int line, String form, String pos, int head, String relation) {}

  /**
   * @param first the number of its first syntactic word, from 1
   * @param last the number of its last
   */
  private record Token(int line, String form, int first, int last, boolean space) {}

  ConlluReader(Path file) {
    this.file = file;
  }

  List<ParsedSentence> read() {
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String read = reader.readLine(); read != null; read = reader.readLine()) {
        line++;
        take(line == 1 && read.startsWith("\uFEFF") ? read.substring(1) : read);
      }
      end();
    } catch (NoSuchFileException e) {
      throw new PolysemeException("there is no file " + file, e);
    } catch (CharacterCodingException e) {
      throw new PolysemeException("%s is not text in UTF-8".formatted(file), e);
    } catch (IOException e) {
      throw new PolysemeException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
    if (sentences.isEmpty()) {
      throw new PolysemeException(
          "%s has no sentence; a file in the CoNLL-U format is expected there".formatted(file));
    }
    return sentences;
  }

  private void take(String read) {
    if (read.isBlank()) {
      end();
    } else if (read.startsWith("#")) {
      Matcher comment = COMMENT.matcher(read);
      if (comment.matches() && comment.group(1).equals("text")) {
        text = comment.group(2).strip();
        textLine = line;
      } else if (comment.matches()) {
        id = comment.group(2).strip();
      }
    } else {
      row(read);
    }
  }

  private void row(String read) {
    String[] columns = read.split("\t", -1);
    if (columns.length != COLUMNS) {
      throw malformed(
          line,
          "%d columns between tabs, and CoNLL-U has %d".formatted(columns.length, COLUMNS),
          read);
    }
    String number = columns[0];
    boolean space = !List.of(columns[9].split("\\|")).contains("SpaceAfter=No");
    int next = rows.size() + 1;
    Matcher range = RANGE.matcher(number);
    if (range.matches()) {
      int first = Integer.parseInt(range.group(1));
      int last = Integer.parseInt(range.group(2));
      if (first != next || last < first || covered(next)) {
        throw malformed(line, "the range does not begin at the next word, " + next, read);
      }
      tokens.add(new Token(line, columns[1], first, last, space));
      return;
    }
    if (EMPTY.matcher(number).matches()) {
      return; // a word that was left out, of enhanced dependencies only
    }
    if (!WORD.matcher(number).matches() || Integer.parseInt(number) != next) {
      throw malformed(line, "the number of the word should be " + next, read);
    }
    if (columns[1].isEmpty() || columns[7].isEmpty() || columns[7].equals("_")) {
      throw malformed(line, "a word needs a form and a relation", read);
    }
    if (!columns[6].equals("0") && !WORD.matcher(columns[6]).matches()) {
      throw malformed(line, "the head is no number of a word", read);
    }
    rows.add(new Row(line, columns[1], columns[3], Integer.parseInt(columns[6]) - 1, columns[7]));
    if (!covered(next)) {
      tokens.add(new Token(line, columns[1], next, next, space));
    }
  }

  private boolean covered(int word) {
    return !tokens.isEmpty() && tokens.getLast().last >= word;
  }

  /** The end of a sentence. */
  private void end() {
    if (!rows.isEmpty()) {
      if (tokens.getLast().last > rows.size()) {
        throw malformed(
            tokens.getLast().line,
            "the range goes to word %d of %d".formatted(tokens.getLast().last, rows.size()),
            tokens.getLast().form);
      }
      sentences.add(new ParsedSentence(id, text.isEmpty() ? joined() : text, words()));
    }
    rows.clear();
    tokens.clear();
    id = "";
    text = "";
  }

  private String joined() {
    var joined = new StringBuilder();
    for (Token token : tokens) {
      joined.append(token.form).append(token.space ? " " : "");
    }
    return joined.toString().strip();
  }

  private List<Word> words() {
    String whole = text.isEmpty() ? joined() : text;
    var words = new ArrayList<Word>();
    int at = 0;
    for (Token token : tokens) {
      while (at < whole.length()
          && (Character.isWhitespace(whole.charAt(at))
              || Character.isSpaceChar(whole.charAt(at)))) {
        at++;
      }
      if (!whole.startsWith(token.form, at)) {
        throw malformed(
            token.line,
            "\"# text\" of line %d has \"%s\" in this word's place"
                .formatted(textLine, shortened(whole.substring(at))),
            token.form);
      }
      var span = new Span(at, at + token.form.length());
      at = span.end();
      for (int word = token.first; word <= token.last; word++) {
        Row row = rows.get(word - 1);
        if (row.head >= rows.size() || row.head == word - 1) {
          throw malformed(
              row.line,
              row.head == word - 1
                  ? "the word is its own head"
                  : "there is no word %d to be the head; there are %d"
                      .formatted(row.head + 1, rows.size()),
              row.form);
        }
        words.add(new Word(row.form, span, row.pos, row.head, row.relation));
      }
    }
    return words;
  }

  private PolysemeException malformed(int line, String problem, String read) {
    return new PolysemeException(
        "%s, line %d: %s: \"%s\"".formatted(file, line, problem, shortened(read)));
  }

  private static String shortened(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
  }
}
