package io.polyseme.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoticeTest {
  @Test
  void namesEveryKnownModelWithItsSourceAndLicence() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("NOTICE"));
    for (KnownModel model : KnownModel.ALL) {
      assertTrue(
          lines.stream()
              .map(line -> List.of(line.strip().split("\\s+")))
              .anyMatch(List.of(model.name(), model.upstream(), model.licence())::equals),
          "NOTICE does not name " + model.name());
    }
  }

  @Test
  void princetonsLicenceIsShipped() throws IOException {
    try (var licence = NoticeTest.class.getResourceAsStream("/META-INF/licenses/WordNet-3.0.txt")) {
      assertTrue(new String(licence.readAllBytes(), "UTF-8").contains("Princeton University"));
    }
  }
}
