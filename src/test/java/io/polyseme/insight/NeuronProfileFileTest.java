package io.polyseme.insight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import io.polyseme.vector.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NeuronProfileFileTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("a.neurons");
  }

  private void write(boolean finished) {
    var tally = new NeuronTally(new int[] {1, 4}, 3, 2);
    tally.resume(100, 9);
    tally.offer(4, 1.5f, tally.keep("银行在河边。"), new Span(0, 2), new Span(0, 2));
    tally.offer(4, 2.5f, tally.keep("The bank."), new Span(4, 6), new Span(4, 8));
    tally.sums[4] = 50;
    tally.squares[4] = 125;
    tally.fired[4] = 25;
    NeuronProfileFile.write(
        file,
        new NeuronProfileFile.Content(
            new NeuronProfile.About("m", "abc", "c.txt", 7), tally, Map.of("it", "x"), finished));
  }

  private String failure() {
    return assertThrows(PolysemeException.class, () -> NeuronProfile.read(file)).getMessage();
  }

  @Test
  void isReadAsItWasWritten() {
    write(true);
    NeuronProfile read = NeuronProfile.read(file);
    assertEquals("m", read.model());
    assertEquals("abc", read.fingerprint());
    assertEquals("c.txt", read.corpus());
    assertEquals(List.of(1, 4), read.layers());
    assertEquals(7, read.texts());
    assertEquals(9, read.sentences());
    assertEquals(100, read.tokens());
    ProfiledNeuron neuron = read.neuron(NeuronId.parse("4.1"));
    assertEquals(0.5, neuron.mean());
    assertEquals(1, neuron.deviation(), 1e-12); // sqrt(125 / 100 - 0.5²)
    assertEquals(0.25, neuron.firing());
    assertEquals(2.5, neuron.maximum());
    assertEquals(
        List.of("The bank.", "银行在河边。"),
        neuron.examples().stream().map(NeuronExample::text).toList());
    assertEquals("ba", neuron.examples().getFirst().tokenText());
    assertEquals("bank", neuron.examples().getFirst().wordText());
    assertEquals(0, read.neuron(NeuronId.parse("1.0")).maximum());
    assertTrue(
        assertThrows(PolysemeException.class, () -> read.neuron(NeuronId.parse("2.0")))
            .getMessage()
            .contains("layers [1, 4]"));
    assertEquals(Map.of("it", "x"), NeuronProfileFile.read(file).job());
  }

  @Test
  void damageIsSeen() throws IOException {
    write(true);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 12; at < whole.length; at += 13) {
      byte[] other = whole.clone();
      other[at] ^= 4;
      Files.write(file, other);
      assertTrue(failure().contains("is damaged"), "at " + at);
    }
    for (int length : new int[] {10, 20, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertTrue(failure().contains("is damaged"), "of " + length);
    }
    byte[] later = whole.clone();
    later[11] = 9;
    Files.write(file, later);
    assertTrue(failure().contains("version 9"));
    Files.writeString(file, "something else");
    assertTrue(failure().contains("is no profile"));
    Files.delete(file);
    assertTrue(failure().contains("there is no profile"));
  }

  @Test
  void whatIsNotFinishedIsNotRead() {
    write(false);
    assertTrue(failure().contains("being made"));
  }

  @Test
  void neuronsAreNamedByLayerAndUnit() {
    assertEquals(new NeuronId(3, 417), NeuronId.parse(" 3.417 "));
    for (String wrong : List.of("3", "3.", "0.7", "a.1", "3.4.1", "")) {
      assertThrows(IllegalArgumentException.class, () -> NeuronId.parse(wrong), wrong);
    }
  }
}
