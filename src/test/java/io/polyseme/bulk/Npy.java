package io.polyseme.bulk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An array as NumPy's format 1.0 describes it, float32 and in C order. */
record Npy(int[] shape, float[] values) {
  private static final Pattern HEAD =
      Pattern.compile(
          "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(([0-9, ]+)\\), \\} *\n");

  static Npy read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    var magic = new byte[8];
    bytes.get(magic);
    assertArrayEquals(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, magic);
    var head = new byte[bytes.getShort()];
    bytes.get(head);
    assertEquals(0, bytes.position() % 64, "the rows are not aligned");
    Matcher matcher = HEAD.matcher(new String(head, StandardCharsets.US_ASCII));
    assertTrue(matcher.matches(), new String(head, StandardCharsets.US_ASCII));
    int[] shape =
        Arrays.stream(matcher.group(1).split(", *")).mapToInt(Integer::parseInt).toArray();
    var values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    assertEquals(Arrays.stream(shape).reduce(1, (a, b) -> a * b), values.length);
    return new Npy(shape, values);
  }

  float[] row(int i) {
    int length = values.length / shape[0];
    return Arrays.copyOfRange(values, i * length, (i + 1) * length);
  }
}
