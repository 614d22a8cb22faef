package io.polyseme.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import io.polyseme.Cancel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;

/** A command that was run in this process, and what it printed. */
record Ran(int code, String out, String err) {
  static Ran run(String... arguments) {
    return runWith(new byte[0], arguments);
  }

  /**
   * @param in what is piped in; nothing as from a person's terminal
   */
  static Ran runWith(byte[] in, String... arguments) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var terminal =
        new Terminal(
            new ByteArrayInputStream(in),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            in.length == 0,
            false,
            false,
            Cancel.create());
    int code = Main.run(terminal, arguments);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  JsonObject json() {
    assertEquals(0, code, err);
    assertEquals(1, out.lines().count(), out);
    var reader = new JsonReader(new StringReader(out));
    reader.setStrictness(Strictness.STRICT);
    return JsonParser.parseReader(reader).getAsJsonObject();
  }

  JsonArray results() {
    return json().getAsJsonArray("results");
  }
}
