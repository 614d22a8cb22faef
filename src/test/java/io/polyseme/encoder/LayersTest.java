package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "last|12",
        "-1|12",
        "4|4",
        "0|0",
        "last3|10 11 12",
        "0-2|0 1 2",
        "1, 5,-2|1 5 11",
        "all|0 1 2 3 4 5 6 7 8 9 10 11 12",
        "3,3,3|3"
      })
  void readsWhatLayersAreAsked(String text, String expected) {
    List<Layers.Resolved> resolved = Layers.parse(text).resolve(12);
    assertEquals(expected, String.join(" ", resolved.stream().map(Layers.Resolved::name).toList()));
  }

  @Test
  void joinsSeveralLayersIntoOne() {
    Layers.Resolved joined = Layers.parse("mean(last2)").resolve(6).getFirst();
    assertEquals("mean(5,6)", joined.name());
    assertArrayEquals(new int[] {5, 6}, joined.layers());
    assertEquals(Layers.Join.MEAN, joined.join());
  }

  @ParameterizedTest
  @ValueSource(strings = {"last", "4", "sum(1,2)", "mean(-2,last)", "all", "0,3,7"})
  void whatIsWrittenIsReadAgain(String text) {
    Layers layers = Layers.parse(text);
    assertEquals(layers, Layers.parse(layers.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "first", "4.5", "3-1", "sum(1", "last0", "1,,2", "sum()", "9999"})
  void saysWhatIsNoLayer(String text) {
    var error = assertThrows(IllegalArgumentException.class, () -> Layers.parse(text));
    assertTrue(error.getMessage().contains("\"" + text + "\""), error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {13, -14, 100})
  void saysWhichLayersThereAre(int layer) {
    var error = assertThrows(IllegalArgumentException.class, () -> Layers.of(layer).resolve(12));
    assertTrue(error.getMessage().contains("0 (embeddings) to 12"), error.getMessage());
  }
}
