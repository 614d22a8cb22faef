package io.polyseme.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageMixTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "words(0)",
        "words(9-12)",
        "words(4-7)+2*sentence(4-5)",
        "words(5-8)+words(9-12)+0.5*sentence(12)"
      })
  void isReadAsItIsWritten(String text) {
    assertEquals(text, UsageMix.parse(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "word(1)", "words", "words(3-2)", "0*words(1)", "words(1)+", "words(-1)"})
  void whatIsNoMixIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> UsageMix.parse(text));
  }

  @Test
  void theMiddleOfModelsOfAnyDepth() {
    assertEquals("words(4-7)+2*sentence(4-5)", UsageMix.meaning(12).toString());
    assertEquals("words(2-4)+2*sentence(2-3)", UsageMix.meaning(6).toString());
    assertEquals("words(1-2)+2*sentence(1-2)", UsageMix.meaning(4).toString());
    for (int last = 0; last < 40; last++) {
      assertEquals(2, UsageMix.meaning(last).parts().size());
    }
  }
}
