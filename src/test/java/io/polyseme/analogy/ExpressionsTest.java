package io.polyseme.analogy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.vector.Expression;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ExpressionsTest {
  private static Expression w(String word) {
    return new Term.Word(word);
  }

  @Test
  void readsTermsWeightsAndParentheses() {
    var sum = new Expression.Sum(List.of(w("king"), w("man").times(-1), w("woman")));
    for (String text :
        List.of(
            "king - man + woman",
            "king -man +woman",
            "king － man＋woman",
            " king − man + 「woman」")) {
      assertEquals(sum, Expressions.parse(text), text);
    }
    assertEquals(w("well-known"), Expressions.parse("well-known"));
    assertEquals(w("1984"), Expressions.parse("1984"));
    assertEquals(w("New York"), Expressions.parse("“New York”"));
    assertEquals(
        new Expression.Sum(List.of(w("a"), w("b"))).times(0.5), Expressions.parse("0.5*(a + b)"));
    assertEquals(w("a").times(-2), Expressions.parse("- 2 × a"));
    assertEquals(w("国王").minus(w("男人")), Expressions.parse("国王－男人"));
  }

  @Test
  void readsWordsInContextAndTexts() {
    String text = "The embankment, the bank by a bank";
    assertEquals(new Term.Usage(text, new Span(20, 24)), Expressions.parse("bank@\"" + text + '"'));
    assertEquals(
        new Term.Usage(text, new Span(30, 34)), Expressions.parse("bank#2@\"" + text + '"'));
    assertEquals(new Term.Text("a place"), Expressions.parse("text:\"a place\""));
    assertThrows(ExpressionSyntaxException.class, () -> Expressions.parse("river@\"" + text + '"'));
  }

  @Test
  void saysWhereItIsWrong() {
    for (String text :
        List.of(
            "", " ", "king +", "king man", "(a", "a)", "\"a", "a*2", "\"\"", "- - a", "((", "2*")) {
      var e = assertThrows(ExpressionSyntaxException.class, () -> Expressions.parse(text), text);
      assertTrue(e.getMessage().endsWith("^"), e.getMessage());
    }
    var e = assertThrows(ExpressionSyntaxException.class, () -> Expressions.parse("king man"));
    assertEquals(6, e.column());
    assertThrows(
        ExpressionSyntaxException.class, () -> Expressions.parse("(".repeat(100_000) + "a"));
  }

  @Test
  void givesBackWhatItWrote() {
    var random = new Random(1);
    for (int i = 0; i < 5000; i++) {
      Expression expression = expression(random, 4);
      String text = Expressions.format(expression);
      assertEquals(expression, Expressions.parse(text), text);
    }
  }

  private static Expression expression(Random random, int depth) {
    int kind = random.nextInt(depth == 0 ? 3 : 6);
    if (kind == 0) {
      return new Term.Text(name(random));
    }
    if (kind == 1) {
      String word = name(random);
      String before = name(random) + (random.nextBoolean() ? " " + word + " " : " ");
      return new Term.Usage(
          before + word + name(random), new Span(before.length(), before.length() + word.length()));
    }
    if (kind == 2) {
      return w(name(random));
    }
    if (kind == 3) {
      double[] weights = {1, -1, 2, -0.5, 1e30, 1e-9, -0.0, random.nextGaussian()};
      return expression(random, depth - 1).times(weights[random.nextInt(weights.length)]);
    }
    var parts = new ArrayList<Expression>();
    for (int i = 2 + random.nextInt(3); i > 0; i--) {
      parts.add(expression(random, depth - 1));
    }
    return new Expression.Sum(parts);
  }

  private static String name(Random random) {
    return text(random, 1 + random.nextInt(6));
  }

  private static String text(Random random, int length) {
    String alphabet = "abkA-+*()#@1.9 \"“”「」\\:－国王（×e😀";
    int[] points = alphabet.codePoints().toArray();
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }

  @Test
  void readsOrRefusesAnything() {
    var random = new Random(2);
    for (int i = 0; i < 20_000; i++) {
      String text = text(random, random.nextInt(30));
      try {
        Expression expression = Expressions.parse(text);
        assertEquals(expression, Expressions.parse(Expressions.format(expression)), text);
      } catch (ExpressionSyntaxException e) {
        assertTrue(e.column() >= 1 && e.column() <= text.length() + 1, text);
      }
    }
  }
}
