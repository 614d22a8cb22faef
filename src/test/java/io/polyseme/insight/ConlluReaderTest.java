package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConlluReaderTest {
  @TempDir Path folder;

  private Path file(String... lines) throws IOException {
    Path file = folder.resolve("test.conllu");
    return Files.writeString(file, String.join("\n", lines).replace(' ', '\t').replace('~', ' '));
  }

  @Test
  void contractionsEmptyNodesAndMissingSpacesAreRead() throws IOException {
    List<ParsedSentence> read =
        ParsedSentence.read(
            file(
                "#~sent_id~=~one",
                "#~text~=~Il~parle~du~chat.",
                "1 Il il PRON _ _ 2 nsubj _ _",
                "2 parle parler VERB _ _ 0 root _ _",
                "3-4 du _ _ _ _ _ _ _ _",
                "3 de de ADP _ _ 5 case _ _",
                "4 le le DET _ _ 5 det _ _",
                "5 chat chat NOUN _ _ 2 obl:arg _ SpaceAfter=No",
                "5.1 rien _ _ _ _ _ _ _ _",
                "6 . . PUNCT _ _ 2 punct _ _",
                "",
                "1 No no INTJ _ _ 0 root _ SpaceAfter=No",
                "2 ! ! PUNCT _ _ 1 punct _ _"));
    assertEquals(2, read.size());
    ParsedSentence first = read.getFirst();
    assertEquals("one", first.id());
    assertEquals("Il parle du chat.", first.text());
    assertEquals(6, first.words().size());
    assertEquals(
        new ParsedSentence.Word("le", new Span(9, 11), "DET", 4, "det"), first.words().get(3));
    assertEquals(new Span(9, 11), first.words().get(2).span());
    assertEquals(new Span(12, 16), first.words().get(4).span());
    assertEquals("obl:arg", first.words().get(4).relation());
    assertEquals(-1, first.words().get(1).head());
    assertEquals("No!", read.get(1).text());
    assertEquals("", read.get(1).id());
  }

  @ParameterizedTest
  @CsvSource({
    "1 a a X _ _ 0 root _, 'line 1: 9 columns'",
    "2 a a X _ _ 0 root _ _, 'line 1: the number of the word should be 1'",
    "1 a a X _ _ x root _ _, 'line 1: the head is no number'",
    "1 a a X _ _ 3 root _ _, 'line 1: there is no word 3 to be the head; there are 1'",
    "1 a a X _ _ 1 dep _ _, 'line 1: the word is its own head'",
    "1 a a X _ _ 0 _ _ _, 'line 1: a word needs a form and a relation'",
    "2-3 a _ _ _ _ _ _ _ _, 'line 1: the range does not begin at the next word'"
  })
  void badLinesAreNamed(String line, String expected) throws IOException {
    Path file = file(line);
    var error = assertThrows(PolysemeException.class, () -> ParsedSentence.read(file));
    assertTrue(error.getMessage().contains(expected), error.getMessage());
    assertTrue(error.getMessage().contains("test.conllu"), error.getMessage());
  }

  @Test
  void textsThatDoNotHoldTheWordsAreRefused() throws IOException {
    Path other =
        file("#~text~=~A~cat.", "1 A a DET _ _ 2 det _ _", "2 dog dog NOUN _ _ 0 root _ _");
    var error = assertThrows(PolysemeException.class, () -> ParsedSentence.read(other));
    assertTrue(
        error.getMessage().contains("line 3: \"# text\" of line 1 has \"cat.\""),
        error.getMessage());
    Path range = file("1-2 du _ _ _ _ _ _ _ _", "1 de de ADP _ _ 0 root _ _");
    error = assertThrows(PolysemeException.class, () -> ParsedSentence.read(range));
    assertTrue(error.getMessage().contains("to word 2 of 1"), error.getMessage());
    Path empty = file("#~nothing");
    error = assertThrows(PolysemeException.class, () -> ParsedSentence.read(empty));
    assertTrue(error.getMessage().contains("has no sentence"), error.getMessage());
    Path latin = folder.resolve("latin.conllu");
    Files.write(latin, "1\té".getBytes(StandardCharsets.ISO_8859_1));
    error = assertThrows(PolysemeException.class, () -> ParsedSentence.read(latin));
    assertTrue(error.getMessage().contains("UTF-8"), error.getMessage());
    Path none = folder.resolve("none.conllu");
    assertThrows(PolysemeException.class, () -> ParsedSentence.read(none));
  }
}
