package io.polyseme.bulk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.PolysemeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a job keeps, as it is found again after the process was ended at any place. */
@Timeout(60)
class JobFolderTest {
  private static final Map<String, String> JOB = Map.of("the layer", "4", "the input", "a.txt");

  @TempDir Path temporary;
  private Path output;
  private Path folder;

  @BeforeEach
  void name() throws IOException {
    output = temporary.toRealPath().resolve("out.npy");
    folder = JobFolder.of(output);
  }

  private JobFolder open() throws IOException {
    return JobFolder.open(output, JOB, false);
  }

  private static JobState state(long texts, boolean finished) {
    return new JobState(texts, 1, 10 * texts, Map.of(), List.of("line 3: \"x\"\n"), finished);
  }

  /** Two parts of a hundred bytes, and something that was not finished. */
  private void twoParts() throws IOException {
    try (JobFolder job = open()) {
      GrowingFile file = job.file("vectors");
      file.write(new byte[100]);
      job.commit(state(5, false));
      file.write(new byte[100]);
      job.commit(state(10, false));
      file.write(new byte[30]);
      file.flush();
    }
    assertEquals(230, Files.size(folder.resolve("vectors")));
  }

  private void assertGoesOn(long texts, long length) throws IOException {
    try (JobFolder job = open()) {
      assertEquals(texts, job.state().texts());
      assertEquals(texts * 10, job.state().tokens());
      assertEquals(length, job.file("vectors").length());
      assertEquals(length, Files.size(folder.resolve("vectors")));
    }
  }

  @Test
  void whatWasNotFinishedIsCutOff() throws IOException {
    twoParts();
    assertGoesOn(10, 200);
    try (JobFolder job = open()) {
      assertEquals(List.of("line 3: \"x\"\n"), job.state().warnings());
    }
  }

  @Test
  void aFileThatIsTooShortTakesTheJobBackToWhereItIsNot() throws IOException {
    twoParts();
    try (GrowingFile file = GrowingFile.open(folder.resolve("vectors"), 199)) {
      assertEquals(199, file.length());
    }
    assertGoesOn(5, 100);
    Files.delete(folder.resolve("vectors"));
    assertGoesOn(0, 0);
  }

  @Test
  void aJournalCutAnywhereGoesBackToItsLastWholeLine() throws IOException {
    twoParts();
    byte[] journal = Files.readAllBytes(folder.resolve("journal"));
    int first = new String(journal, StandardCharsets.UTF_8).indexOf('\n') + 1;
    for (int length = journal.length; length >= 0; length -= 7) {
      Files.write(folder.resolve("journal"), Arrays.copyOf(journal, length));
      // As it was, whatever the last round has cut off.
      try (GrowingFile file = GrowingFile.open(folder.resolve("vectors"), 0)) {
        file.write(new byte[230]);
        file.flush();
      }
      if (length == journal.length) {
        assertGoesOn(10, 200);
      } else if (length >= first) {
        assertGoesOn(5, 100);
      } else {
        try (JobFolder job = open()) {
          assertEquals(0, job.state().texts());
        }
      }
    }
    Files.write(
        folder.resolve("journal"),
        new byte[] {'{', '}', '\n', 0, 'x', '\n'},
        StandardOpenOption.CREATE);
    try (JobFolder job = open()) {
      assertEquals(JobState.NEW, job.state());
    }
  }

  @Test
  void anotherJobIsRefusedByWhatDiffersUnlessBegunAnew() throws IOException {
    twoParts();
    Map<String, String> other = Map.of("the layer", "last", "the input", "a.txt", "the word", "x");
    var refused = assertThrows(PolysemeException.class, () -> JobFolder.open(output, other, false));
    assertTrue(
        refused.getMessage().contains("the layer (4 before, now last)"), refused.getMessage());
    assertTrue(refused.getMessage().contains("the word (nothing before"), refused.getMessage());
    assertFalse(refused.getMessage().contains("the input"), refused.getMessage());
    assertTrue(refused.getMessage().contains("--restart"), refused.getMessage());
    assertGoesOn(10, 200);
    try (JobFolder job = JobFolder.open(output, other, true)) {
      assertEquals(0, job.state().texts());
      assertFalse(Files.exists(folder.resolve("vectors")));
    }
    Files.writeString(folder.resolve("job.json"), "not json");
    assertThrows(PolysemeException.class, this::open);
  }

  @Test
  void filesAppearInTheirPlacesAndTheFolderGoes() throws IOException {
    Files.writeString(output, "old");
    Path beside = output.resolveSibling("out.npy.jsonl");
    try (JobFolder job = open()) {
      job.file("vectors").write('v');
      job.file("texts").write('t');
      job.commit(state(1, true));
      assertEquals("old", Files.readString(output));
    }
    // As where the process was ended between the two.
    Files.move(folder.resolve("texts"), beside);
    try (JobFolder job = open()) {
      assertTrue(job.state().finished());
      job.publish(Map.of("texts", beside, "vectors", output));
    }
    assertEquals("v", Files.readString(output));
    assertEquals("t", Files.readString(beside));
    assertFalse(Files.exists(folder));
  }

  @Test
  void aFolderHalfRemovedIsANewJob() throws IOException {
    twoParts();
    Files.delete(folder.resolve("job.json"));
    try (JobFolder job = open()) {
      assertEquals(JobState.NEW, job.state());
      job.remove();
    }
    assertFalse(Files.exists(folder));
  }

  @Test
  void whatIsNoJobsFolderIsLeftAlone() throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("mine"), "x");
    var refused = assertThrows(PolysemeException.class, this::open);
    assertTrue(refused.getMessage().contains("something else"), refused.getMessage());
    assertTrue(Files.exists(folder.resolve("mine")));
  }

  @Test
  void oneProcessAtATimeHasIt() throws Exception {
    try (JobFolder _ = open()) {
      assertThrows(PolysemeException.class, this::open);
      assertThrows(PolysemeException.class, this::open, "the refusal must not free it");
      assertEquals("refused", other());
    }
    assertEquals("opened", other());
    try (JobFolder job = open()) {
      assertEquals("refused", other());
      job.remove();
    }
    assertFalse(Files.exists(folder));
  }

  private String other() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                output.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    return said.strip();
  }

  /** Opens the folder in a process of its own. */
  static final class Other {
    private Other() {}

    public static void main(String[] arguments) throws IOException {
      try (JobFolder _ = JobFolder.open(Path.of(arguments[0]), JOB, false)) {
        System.out.println("opened");
      } catch (PolysemeException e) {
        System.out.println(
            String.valueOf(e.getMessage()).contains("another process") ? "refused" : e.toString());
      }
    }
  }

  @Test
  void growingFilesHoldWhatIsWritten() throws IOException {
    var random = new Random(3);
    byte[] all = new byte[1_000_000];
    random.nextBytes(all);
    Path path = temporary.resolve("grown");
    try (GrowingFile file = GrowingFile.open(path, 0)) {
      for (int at = 0; at < all.length; ) {
        int n = Math.min(all.length - at, 1 + random.nextInt(300_000));
        file.write(all, at, n);
        at += n;
        assertEquals(at, file.length());
      }
      file.force();
      byte[] head = {1, 2, 3};
      file.patch(head);
      System.arraycopy(head, 0, all, 0, 3);
      assertTrue(Arrays.equals(all, file.read().readAllBytes()));
      file.write(9);
      file.flush();
    }
    assertEquals(all.length + 1, Files.size(path));
    assertTrue(Arrays.equals(all, Arrays.copyOf(Files.readAllBytes(path), all.length)));
  }
}
