package io.polyseme.encoder;

import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Random texts of all that Unicode has and tokenizers stumble over. Only characters whose
 * properties have stayed the same since Unicode 8 are drawn, so that the rule does not depend on
 * whose tables are newer.
 */
public final class RandomTexts {
  private static final List<Function<Random, String>> KINDS =
      List.of(
          of("the", "River", "banks", "unbelievable", "hello", "world", "IPhone", "x2", "don't"),
          of("naïve", "Café", "Übergrößen", "ÉCOLE", "ﬁne", "Œuvre", "İstanbul", "ıssız", "ẞ", "Ǆ"),
          of("e\u0301", "n\u0303a", "E\u0302\u0301", "a\u0323\u0302", "o\u0308\u0304u", "c\u0327"),
          of("z\u0351\u036b\u0343\u032a\u0302", "\u0301", "\u0308x", "a\u0315\u0300\u05ae\u0062"),
          of("ΟΔΥΣΣΕΥΣ", "ς", "ἀρχή", "α\u0313\u0301", "Москва", "Ёж", "й", "и\u0306"),
          of(
              "שלום",
              "שָׁלוֹם",
              "\u05e9\u05c1\u05b8",
              "مرحبا",
              "مَرْحَبًا",
              "ﷺ",
              "لا",
              "\u0627\u0653"),
          of("हिन्दी", "क्षत्रिय", "ক\u09c7\u09be", "தமிழ்", "ภาษาไทย", "กำ", "བོད་"),
          of(
              "한국어",
              "글",
              "\u1112\u1161\u11ab",
              "\u1100\u1173\u11af",
              "\u1112\u1161",
              "\u11ab",
              "각\u11a8"),
          of("银行", "最大的", "河边", "𠀀", "𪚥", "豈", "\ufa0e", "漢字仮名", "﨑", "〇"),
          of("ひらがな", "か\u3099", "ガ", "ｶﾞ", "ｱｲｳ", "ー", "㍿", "ＡＢＣ１２", "①", "½", "Ⅷ", "…"),
          of(
              "😀",
              "👍🏽",
              "👩‍👩‍👧‍👦",
              "🇩🇪",
              "🇨🇳🇫",
              "❤️",
              "1️⃣",
              "🏴\udb40\udc67\udb40\udc7f",
              "☂"),
          of("\u0000", "\u0001", "\u0007", "\u001b", "\u007f", "\u0080", "\u009f", "a\u0000b"),
          of("\u200b", "\u200d", "\ufeff", "\u202e", "\u2066", "\u00ad", "x\u200dy", "\u2060"),
          of("\ue000", "\uf8ff", "\udb80\udc00", "\udbff\udffd", "\uffff", "\u0378", "\ufffd"),
          of("\ud83d", "\ude00", "\ude00\ud83d", "x\ud800", "\udc00y"),
          of(" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029"),
          of("\u202f", "\u205f", "\u3000", "\u000b", "\u000c", "\u0085"),
          of(
              ".", ",", "-", "--", "_", "(", "[x]", "#", "##s", "$", "€", "«»", "、", "。", "¿", "`",
              "``"),
          of("0", "42", "3.14", "١٢", "²", "₂", "π", "∑", "≠", "=\u0338", "→", "𝒜", "\u212b", "№"),
          of("▁", "Ġ", "▁a", "Ġb", "▁▁", " ▁ ", "G\u0307"),
          random -> Character.toString(letter(random)));

  private RandomTexts() {}

  private static Function<Random, String> of(String... choices) {
    return random -> choices[random.nextInt(choices.length)];
  }

  /** A letter of scripts that were complete long before. */
  private static int letter(Random random) {
    int[][] ranges = {
      {0xc0, 0x24f}, {0x370, 0x373}, {0x391, 0x3a1}, {0x400, 0x52f}, {0x5d0, 0x5ea},
      {0x621, 0x64a}, {0x905, 0x939}, {0xe01, 0xe30}, {0x1e00, 0x1eff}, {0x2c00, 0x2c2e},
      {0x3041, 0x3096}, {0x30a1, 0x30fa}, {0x4e00, 0x9fa5}, {0xac00, 0xd7a3}, {0x10400, 0x1044f},
      {0x20000, 0x2a6d6}, {0x21, 0x7e}
    };
    int[] range = ranges[random.nextInt(ranges.length)];
    return range[0] + random.nextInt(range[1] - range[0] + 1);
  }

  /** A text of up to sixty parts, which stand together as often as they stand apart. */
  public static String next(Random random) {
    int parts = 1 + random.nextInt(random.nextInt(4) == 0 ? 60 : 16);
    // Most texts have a few kinds, some have all.
    int few = 1 + random.nextInt(5);
    boolean all = random.nextInt(3) == 0;
    var kinds = new int[few];
    for (int i = 0; i < few; i++) {
      kinds[i] = random.nextInt(KINDS.size());
    }
    var text = new StringBuilder();
    for (int i = 0; i < parts; i++) {
      int kind = all ? random.nextInt(KINDS.size()) : kinds[random.nextInt(few)];
      text.append(KINDS.get(kind).apply(random));
      if (random.nextBoolean()) {
        text.append(' ');
      }
    }
    return text.toString();
  }

  /** A text so that a failure can be read, and typed into a test. */
  public static String shown(String text) {
    var shown = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c >= ' ' && c < 0x7f) {
        shown.append(c);
      } else {
        shown.append("\\u%04x".formatted((int) c));
      }
    }
    return shown.append('"').toString();
  }
}
