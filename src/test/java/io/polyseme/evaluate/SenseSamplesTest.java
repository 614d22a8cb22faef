package io.polyseme.evaluate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import io.polyseme.evaluate.CoarseSenses.Division;
import io.polyseme.evaluate.CoarseSenses.Example;
import io.polyseme.evaluate.CoarseSenses.Word;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class SenseSamplesTest {
  private static final String HARD =
      """
      <corpus lang="en">

      <lexelt item="hard-a">

      <instance id="hard-a.1:">
      <answer instance="hard-a.1:" senseid="HARD1"/>
      <context>
       <s snum="5"/>
       <wf pos="PRP">it</wf> <wf pos="VBZ">'s</wf> <head>
       <wf pos="JJR">harder</wf></head> <wf pos="CC">&</wf> <wf pos="JJ">slow</wf> <wf pos=".">.</wf>
      </context>
      </instance>

      <instance id='hard-a.2:'><answer senseid='HARD2'/>
      <context> a &lt;b&gt; <compound> <head><wf pos="JJ">hard</wf></head> </compound> stone FRASL </context>
      </instance>
      </lexelt>
      </corpus>
      """;

  private static final String SEMEME =
      """
      {'context': ['他', '吃', '<target>', '。'], 'target_word': '苹果', 'target_position': 2, 'sense': {'水果', '吃'}}
      {'context': ["it's", '<target>'], 'target_word': '苹果', 'target_position': 1, 'sense': {'电脑'}, 'n': [(1, -2)]}

      {'context': ['<target>', '\\u82b1\\n'], 'target_word': '花', 'target_position': 0, 'sense': {'钱'}}
      """;

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String shown(Example example) {
    return example.text() + " | " + example.span().of(example.text()) + " | " + example.sense();
  }

  @Test
  void lexicalSamplesAreReadTagByTag() throws IOException {
    CoarseSenses set = CoarseSenses.read(write("hard.pos", HARD));
    assertEquals(Division.HALVES, set.division());
    Word hard = set.words().getFirst();
    assertEquals("hard", hard.name());
    assertEquals(Set.of("HARD1", "HARD2"), hard.senses().keySet());
    assertEquals(List.of(), hard.test());
    assertEquals(
        List.of("it's harder & slow. | harder | HARD1", "a <b> hard stone FRASL | hard | HARD2"),
        hard.train().stream().map(SenseSamplesTest::shown).toList());
  }

  @Test
  void theWordIsPutBackWhereTheMarkerIs() throws IOException {
    CoarseSenses set = CoarseSenses.read(write("senses.txt", SEMEME));
    assertEquals(Division.LEAVE_ONE_OUT, set.division());
    assertEquals(List.of("苹果", "花"), set.words().stream().map(Word::name).toList());
    assertEquals(
        List.of("他吃苹果。 | 苹果 | 吃|水果", "it's苹果 | 苹果 | 电脑"),
        set.words().getFirst().train().stream().map(SenseSamplesTest::shown).toList());
    assertEquals("花花\n", set.words().getLast().train().getFirst().text());
    assertEquals(
        List.of("花"),
        CoarseSenses.read(folder.resolve("senses.txt"), List.of("花")).words().stream()
            .map(Word::name)
            .toList());
  }

  @Test
  void foldersHoldOneFormat() throws IOException {
    Files.write(folder.resolve("README"), "Wh\u00E4t this is.".getBytes(ISO_8859_1));
    write("hard.pos", HARD);
    write("serve.pos", "\uFEFF\n" + HARD.replace("hard-a", "serve-v"));
    assertEquals(
        List.of("hard", "serve"),
        CoarseSenses.read(folder).words().stream().map(Word::name).toList());
    write("senses.txt", SEMEME);
    assertMessage("is Senseval's XML and", folder);
    assertMessage("senses.txt is SememeWSD: one of them must be named", folder);
    assertTrue(
        assertThrows(
                PolysemeException.class,
                () -> CoarseSenses.read(folder.resolve("hard.pos"), List.of("line")))
            .getMessage()
            .endsWith("has no word \"line\"; there are hard"));
  }

  @Test
  void malformedLinesAreNamed() throws IOException {
    assertSenseval(
        "line 5: the instance has no answer",
        "<answer instance=\"hard-a.1:\" senseid=\"HARD1\"/>",
        "");
    assertSenseval("line 6: the answer has no senseid", " senseid=\"HARD1\"", "");
    assertSenseval("line 5: the instance has no <head> in its context", "<head>", "");
    assertSenseval("line 5: the instance has no end", "</instance>", "");
    assertSenseval("line 5: no instance was begun", "<instance id=\"hard-a.1:\">", "</instance>");
    assertSenseval("line 3: the lexelt has no item", " item=\"hard-a\"", "");
    assertMessage("line 1: no <instance> follows", write("x.pos", "<corpus>\n"));
    assertSememe(
        "line 1: no Python dictionary: a comma or ] expected at character 18",
        "'他', '吃'",
        "'他' '吃'");
    assertSememe(
        "line 1: no Python dictionary: the end of a string expected", "'水果', '吃'}}", "'水果");
    assertSememe(
        "line 2: target_position is not that of <target>",
        "'target_position': 1",
        "'target_position': 0");
    assertSememe("line 1: no set of sememes as sense", "{'水果', '吃'}", "['水果']");
    assertSememe("line 4: no target_word", "'target_word': '花'", "'target_word': 3");
    assertSememe("line 4: no list of words as context", "['<target>', '\\u82b1\\n']", "'<target>'");
  }

  private void assertSenseval(String expected, String part, String by) throws IOException {
    String text = HARD;
    int at = text.indexOf(part);
    assertMessage(
        expected,
        write("hard.pos", text.substring(0, at) + by + text.substring(at + part.length())));
  }

  private void assertSememe(String expected, String... replaced) throws IOException {
    String text = SEMEME;
    for (int i = 0; i < replaced.length; i += 2) {
      assertTrue(text.contains(replaced[i]), replaced[i]);
      text = text.replace(replaced[i], replaced[i + 1]);
    }
    assertMessage(expected, write("senses.txt", text));
  }

  private static void assertMessage(String expected, Path path) {
    String message =
        assertThrows(PolysemeException.class, () -> CoarseSenses.read(path)).getMessage();
    assertTrue(message.contains(expected), message);
  }
}
