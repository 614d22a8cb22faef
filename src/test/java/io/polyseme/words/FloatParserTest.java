package io.polyseme.words;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every number is read as {@link Float#parseFloat} reads it, to the bit. */
@Timeout(60)
class FloatParserTest {
  private static long parse(String text) {
    return FloatParser.parse((text + " \n").getBytes(StandardCharsets.UTF_8), 0);
  }

  private static void same(String text) {
    // What follows decides whether eight bytes can be read at once, and must not be taken for it.
    for (String after : List.of(" \n", "\n12345678", " 12345678", "\u00e9 \u00ff1234567")) {
      long result = FloatParser.parse((text + after).getBytes(StandardCharsets.ISO_8859_1), 0);
      assertEquals(text.length(), FloatParser.end(result), text);
      assertEquals(
          Float.floatToRawIntBits(Float.parseFloat(text)),
          Float.floatToRawIntBits(FloatParser.value(result)),
          text);
    }
  }

  @Test
  void awkwardNumbers() {
    List.of(
            "0 -0 +0 0.0 -0.0 00012 1. .5 -.5 +.25 1e5 1E-5 1e+5 0e999 1e38 3.4028234e38"
                .split(" "),
            "3.4028235e38 3.4028236e38 1e39 -1e999 1.4e-45 0.7e-45 1e-46 1.17549435e-38".split(" "),
            "1.1754942e-38 16777216 16777217 16777219 9007199254740993 9007199254740991.5"
                .split(" "),
            "1.00000005960464477539062 1.00000005960464477539063 0.1234567890123456789".split(" "),
            "1.0000000596046448 1.00000017881393432 33554433 33554435 67108866 67108862".split(" "),
            ("123456789012345678 999999999999999999 0.999999999999999999"
                    + " 1234567890123456789012345678901234567890 1e99999999999999999999")
                .split(" "),
            "0.000000000000000000000000000000000000000000001 1e-99999999999 1e22 1e23".split(" "))
        .forEach(
            list -> {
              for (String text : list) {
                same(text);
                same("-" + text.replaceFirst("^[-+]", ""));
              }
            });
  }

  @Test
  void halfwayBetweenFloats() {
    var random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      float a = Math.abs(Float.intBitsToFloat(random.nextInt(0x00800000, 0x7f000000)));
      double middle = (a + (double) Math.nextUp(a)) / 2;
      if (middle > 1e-10 && middle < 1e12) {
        same(new java.math.BigDecimal(middle).toPlainString());
        same(Double.toString(Math.nextUp(middle)));
        same(Double.toString(Math.nextDown(middle)));
        same(Double.toString(middle));
      }
    }
  }

  @Test
  void randomNumbers() {
    var random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      same(Float.toString(Float.intBitsToFloat(random.nextInt() & 0xff7fffff)));
      same(Double.toString(random.nextGaussian()));
      same(String.format(Locale.ROOT, "%." + i % 8 + "f", random.nextGaussian()));
      same(
          (random.nextLong() >> random.nextInt(64))
              + "."
              + (random.nextLong() >>> 1 + random.nextInt(63))
              + (random.nextBoolean() ? "" : "e" + (random.nextInt(90) - 45)));
    }
  }

  @Test
  void namesOfWhatIsNotFinite() {
    assertEquals(Float.NaN, FloatParser.value(parse("nan")));
    assertEquals(Float.NaN, FloatParser.value(parse("-NaN")));
    assertEquals(Float.POSITIVE_INFINITY, FloatParser.value(parse("Inf")));
    assertEquals(Float.NEGATIVE_INFINITY, FloatParser.value(parse("-INFINITY")));
    assertEquals(9, FloatParser.end(parse("-infinity")));
  }

  @Test
  void whatIsNoNumber() {
    for (String text :
        List.of(
            "", "-", "+", ".", "-.", "e5", "1e", "1e+", "nane", "infinit", "word", "--1", "é")) {
      assertEquals(FloatParser.NO_NUMBER, parse(text), text);
    }
    // What follows a number is left to the caller.
    assertEquals(1, FloatParser.end(parse("1x")));
    assertEquals(1, FloatParser.end(parse("0x10")));
    assertEquals(3, FloatParser.end(parse("1.5.2")));
  }
}
