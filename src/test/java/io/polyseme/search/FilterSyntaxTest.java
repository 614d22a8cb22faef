package io.polyseme.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterSyntaxTest {
  private static final Map<String, String> REPORT =
      Map.of(
          "type", "report",
          "year", "2019",
          "modified", "2024-05-17T10:00:00Z",
          "author", "Ann Lee",
          "title", "The budget of 2019",
          "lemma", "ice cream",
          "and", "x",
          "label", "a (1).txt");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          type = report | true
          type=report and year >= 2019 | true
          type=report and year > 2019 | false
          year < 2019 or year <= 2019 | true
          year < 2.1e3 and year > -5 | true
          not type = report | false
          not (type = memo or type = draft) | true
          type = memo or type = report and year = 2019 | true
          (type = memo or type = report) and year = 2018 | false
          lemma=ice cream | true
          lemma = ice cream and year = 2019 | true
          author = "Ann Lee" | true
          author in (Bo, "C., D.", Ann Lee) | true
          author in (Bo, "C., D.") | false
          type != report | false
          missing != report | true
          modified = 2024 | true
          modified = 2024-05 | true
          modified = 2024-05-17 | true
          modified > 2024-05-17 | false
          modified >= 2024-05-17 | true
          modified < 2024-05-17T10:00:01Z | true
          modified <= 2024-04 | false
          modified > 2023 and modified < 2025 | true
          title ~ .*budget.* | true
          title ~ budget | false
          title ~ (The)? ?budget.* and type = report | true
          exists(type) and not exists(pages) | true
          "and" = x | true
          and = x | true
          label = a (1).txt | true
          (label = "a (1).txt") | true
          author = 'Ann Lee' | true
          TYPE = report | false
          type = report AND NOT year = 2018 | true
          """)
  void letsThrough(String filter, boolean passes) {
    assertEquals(passes, FilterSyntax.parse(filter).accepts(REPORT), filter);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "type",
        "type =",
        "= x",
        "type = a and",
        "(type = a",
        "type = \"a",
        "type in a",
        "type in (a",
        "type ~ [",
        "type < apple",
        "not",
        "exists(",
        "exists()",
        "type = \"a\" b"
      })
  void whatIsNoFilterIsToldWithItsPlace(String filter) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> FilterSyntax.parse(filter)).getMessage();
    assertTrue(message.contains("at its character "), message);
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "(".repeat(5000) + "a = b" + ")".repeat(5000);
    String message =
        assertThrows(IllegalArgumentException.class, () -> FilterSyntax.parse(deep)).getMessage();
    assertTrue(message.contains("too deep") && message.length() < 500, message);
  }

  @Test
  void aYearIsANumberOrADate() {
    var filter = FilterSyntax.parse("year >= 2019");
    for (String value : List.of("2019", "2019.0", "2020-01-01", "2019-01-01T00:00:00Z")) {
      assertTrue(filter.accepts(Map.of("year", value)), value);
    }
    for (String value : List.of("2018", "2018-12-31", "about 2020")) {
      assertFalse(filter.accepts(Map.of("year", value)), value);
    }
  }
}
