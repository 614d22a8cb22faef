package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LabelledCorpusTest {
  private static final String UNIFIED =
      """
      <?xml version="1.0" encoding="UTF-8" ?>
      <corpus lang="en" source="test">
      <text id="d000">
      <sentence id="d000.s000">
      <wf lemma="he" pos="PRON">He</wf>
      <instance id="d000.s000.t000" lemma="take_place" pos="VERB">took_place</instance>
      <wf lemma="," pos=".">,</wf>
      <wf lemma="do" pos="VERB">did</wf>
      <wf lemma="not" pos="ADV">n't</wf>
      <instance id="d000.s000.t001" lemma="sit" pos="VERB">sit</instance>
      <wf lemma="." pos=".">.</wf>
      </sentence>
      </text>
      </corpus>
      """;

  @TempDir Path folder;

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void theUnifiedFramework() throws IOException {
    Path data = write("x.data.xml", UNIFIED);
    write("x.gold.key.txt", "d000.s000.t000 take_place%2:30:00::\nd000.s000.t001 a%1 b%1\n");
    for (Path path : List.of(folder, data)) {
      LabelledCorpus corpus = LabelledCorpus.read(path);
      LabelledText text = corpus.texts().getFirst();
      assertEquals("He took place, didn't sit.", text.text());
      assertEquals("d000", text.document());
      LabelledText.Word word = text.words().getFirst();
      assertEquals("took place", word.span().of(text.text()));
      assertEquals("take place", word.lemma());
      assertEquals(PartOfSpeech.VERB, word.pos());
      assertEquals(List.of("take_place%2:30:00::"), word.senses());
      assertEquals(List.of("a%1", "b%1"), text.words().get(1).senses());
      assertEquals(2, corpus.size());
    }
  }

  @Test
  void semCor() throws IOException {
    write(
        "br-a01",
        """
        <contextfile concordance=brown>
        <context filename=br-a01 paras=yes>
        <p pnum=1>
        <s snum=1>
        <wf cmd=ignore pos=DT>The</wf>
        <wf cmd=done pos=NN lemma=bank wnsn=1 lexsn=1:17:01::>banks</wf>
        <wf cmd=done pos=VB lemma=be wnsn=1;2 lexsn=2:42:03::;2:42:06::>are</wf>
        <wf cmd=done pos=JJ lemma="steep" wnsn="1" lexsn="3:00:01::">steep</wf>
        <wf cmd=done pos=NN lemma=x wnsn=0>x</wf>
        <wf cmd=done pos=NN lemma=at&amp;t wnsn=1 lexsn=1:14:00::>AT&amp;T</wf>
        <punc>.</punc>
        </s>
        </p>
        </context>
        </contextfile>
        """);
    LabelledCorpus corpus = LabelledCorpus.read(folder);
    LabelledText text = corpus.texts().getFirst();
    assertEquals("The banks are steep x AT&T.", text.text());
    assertEquals(
        List.of("banks", "are", "steep", "AT&T"),
        text.words().stream().map(w -> w.span().of(text.text())).toList());
    assertEquals(List.of("bank%1:17:01::"), text.words().getFirst().senses());
    assertEquals(List.of("be%2:42:03::", "be%2:42:06::"), text.words().get(1).senses());
    assertEquals(PartOfSpeech.ADJECTIVE, text.words().get(2).pos());
    assertEquals("br-a01", text.document());
  }

  @Test
  void whatIsWrongIsSaid() throws IOException {
    assertFailure(folder.resolve("none"), "there is no file or folder");
    assertFailure(folder, "no text with labelled senses");
    Path data = write("x.data.xml", UNIFIED);
    assertFailure(data, "x.gold.key.txt; an instance and its sense keys");
    write("x.gold.key.txt", "d000.s000.t000\n");
    assertFailure(data, "line 1: no sense key for \"d000.s000.t000\"");
    write("x.gold.key.txt", "d000.s000.t000 a%1\n");
    write("x.data.xml", UNIFIED.substring(0, UNIFIED.length() / 2));
    assertFailure(data, "no XML of the unified framework");
    write("x.data.xml", UNIFIED.replace(" pos=\"VERB\">sit", ">sit"));
    assertFailure(data, "line 10: <instance> has no pos");
    write("x.data.xml", UNIFIED.replace("VERB\">sit", "NOWT\">sit"));
    assertFailure(data, "\"NOWT\" is no part of speech");
    write("x.data.xml", "<corpus/>");
    assertFailure(data, "has no sentences");
    // Nothing outside the file is ever read.
    write(
        "x.data.xml",
        "<!DOCTYPE corpus [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>"
            + UNIFIED.substring(UNIFIED.indexOf("<corpus")).replace("He", "&x;"));
    assertThrows(PolysemeException.class, () -> LabelledCorpus.read(data));
    Files.delete(data);
    write("br", "<contextfile concordance=brown>\n<s snum=1><wf>a</wf>\n");
    assertFailure(folder, "ends within a sentence");
  }

  private static void assertFailure(Path path, String message) {
    var error = assertThrows(PolysemeException.class, () -> LabelledCorpus.read(path));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }

  @Test
  void blocksKeepEachWordInItsPlaceAndDocumentsApart() throws IOException {
    write(
        "x.data.xml",
        UNIFIED.replace(
            "</corpus>",
            UNIFIED
                    .substring(UNIFIED.indexOf("<text"), UNIFIED.indexOf("</corpus>"))
                    .replace("d000\"", "d001\"")
                + "</corpus>"));
    write("x.gold.key.txt", "d000.s000.t000 a%1\n");
    List<LabelledText> sentences = LabelledCorpus.read(folder).texts();
    List<LabelledText> blocks =
        Blocks.of(List.of(sentences.getFirst(), sentences.getFirst(), sentences.get(1)), 100);
    assertEquals(2, blocks.size());
    assertEquals("He took place, didn't sit. He took place, didn't sit.", blocks.getFirst().text());
    assertEquals(
        List.of("took place", "sit", "took place", "sit"),
        blocks.getFirst().words().stream()
            .map(w -> w.span().of(blocks.getFirst().text()))
            .toList());
    assertEquals(
        3,
        Blocks.of(List.of(sentences.getFirst(), sentences.getFirst(), sentences.get(1)), 3).size());
  }
}
