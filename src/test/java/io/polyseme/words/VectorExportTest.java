package io.polyseme.words;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.CancelledException;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.vector.LabelledRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read back to the bit. */
@Timeout(60)
class VectorExportTest {
  @TempDir Path folder;

  /** Labels and random bits of floats. */
  private record Some(List<String> labels, float[][] vectors) implements LabelledRows {
    static Some random(List<String> labels, int dimension) {
      var random = new Random(11);
      var vectors = new float[labels.size()][dimension];
      for (float[] vector : vectors) {
        for (int j = 0; j < dimension; j++) {
          // Any finite float32: the highest bit of the exponent is 0 or the second is.
          vector[j] =
              Float.intBitsToFloat(random.nextInt() & (j % 2 == 0 ? ~0x00800000 : ~0x40000000));
        }
      }
      return new Some(labels, vectors);
    }

    @Override
    public int size() {
      return labels.size();
    }

    @Override
    public int dimension() {
      return vectors[0].length;
    }

    @Override
    public String label(int row) {
      return labels.get(row);
    }

    @Override
    public int row(String label) {
      return labels.indexOf(label);
    }

    @Override
    public void copyRow(int row, float[] into) {
      System.arraycopy(vectors[row], 0, into, 0, into.length);
    }
  }

  private static void write(LabelledRows rows, Path file, ExportOptions options) {
    WordFiles.write(rows, file, options, Progress.NONE, Cancel.create());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void roundTrip() throws IOException {
    List<String> labels =
        IntStream.range(0, 3_000)
            .mapToObj(i -> i % 3 == 0 ? "河" + i : i % 3 == 1 ? i + "" : "naïve\u00a0" + i)
            .toList();
    var rows = Some.random(labels, 7);
    for (VectorFormat format :
        List.of(VectorFormat.WORD2VEC_TEXT, VectorFormat.WORD2VEC_BINARY, VectorFormat.GLOVE)) {
      for (String ending : List.of("", ".gz")) {
        Path file = folder.resolve(format + ending);
        write(rows, file, ExportOptions.of(format));
        var found = new Collected();
        ReadReport report = Collected.read(file, ReadOptions.DEFAULT, found);
        assertEquals(format, report.format());
        assertEquals(ending.isEmpty() ? "" : "gzip", report.compression());
        assertTrue(report.warnings().isEmpty(), report.toString());
        assertEquals(labels, found.words);
        for (int row = 0; row < labels.size(); row++) {
          for (int j = 0; j < 7; j++) {
            assertEquals(
                Float.floatToRawIntBits(rows.vectors[row][j]),
                Float.floatToRawIntBits(found.vectors.get(row)[j]));
          }
        }
      }
    }
    assertEquals(6, names().size(), "nothing else is left behind");
  }

  @Test
  void theBytesAreThoseOfWord2vec() throws IOException {
    var rows = new Some(List.of("a", "河"), new float[][] {{1, -0.5f}, {1e-7f, 0}});
    Path text = folder.resolve("text");
    write(rows, text, ExportOptions.of(VectorFormat.WORD2VEC_TEXT));
    assertEquals("2 2\na 1.0 -0.5\n河 1.0E-7 0.0\n", Files.readString(text));
    Path binary = folder.resolve("binary");
    write(rows, binary, ExportOptions.of(VectorFormat.WORD2VEC_BINARY));
    byte[] start = {
      '2', ' ', '2', '\n', 'a', ' ', 0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xbf, '\n'
    };
    byte[] bytes = Files.readAllBytes(binary);
    assertArrayEquals(start, java.util.Arrays.copyOf(bytes, start.length));
    assertEquals(start.length + "河 ".getBytes(UTF_8).length + 9, bytes.length);
  }

  @Test
  void wordsThatCannotBeWritten() throws IOException {
    Path file = folder.resolve("file");
    Files.writeString(file, "what was there");
    var rows = new Some(List.of("a", "New York"), new float[2][3]);
    for (VectorFormat format : List.of(VectorFormat.GLOVE, VectorFormat.WORD2VEC_BINARY)) {
      var e =
          assertThrows(PolysemeException.class, () -> write(rows, file, ExportOptions.of(format)));
      assertTrue(e.getMessage().contains("\"New York\" has a space"), e.getMessage());
      assertTrue(e.getMessage().contains("underscores"), e.getMessage());
    }
    assertEquals("what was there", Files.readString(file));
    assertEquals(List.of("file"), names());
    write(rows, file, ExportOptions.of(VectorFormat.GLOVE).withUnderscores(true));
    assertTrue(Files.readString(file).contains("\nNew_York 0.0 "));
    var lines = new Some(List.of("a\nb"), new float[1][3]);
    assertThrows(
        PolysemeException.class,
        () -> write(lines, file, ExportOptions.of(VectorFormat.GLOVE).withUnderscores(true)));
    assertThrows(IllegalArgumentException.class, () -> ExportOptions.of(VectorFormat.FASTTEXT));
  }

  @Test
  void cancelLeavesNothing() throws IOException {
    var cancel = Cancel.create();
    var rows = Some.random(IntStream.range(0, 5_000).mapToObj(i -> "w" + i).toList(), 3);
    assertThrows(
        CancelledException.class,
        () ->
            WordFiles.write(
                rows,
                folder.resolve("x.gz"),
                ExportOptions.of(VectorFormat.WORD2VEC_TEXT),
                (task, done, total) -> {
                  if (done > 2_000) {
                    cancel.cancel();
                  }
                },
                cancel));
    assertEquals(List.of(), names());
    assertThrows(
        PolysemeException.class,
        () -> write(rows, folder.resolve("no/x"), ExportOptions.of(VectorFormat.GLOVE)));
  }
}
