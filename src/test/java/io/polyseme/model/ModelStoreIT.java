package io.polyseme.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ModelStoreIT {
  private static final String MODEL = "bge-small-zh-v1.5";

  @TempDir Path home;

  private ModelFiles open() {
    return ModelStore.at(home).open(MODEL, Progress.NONE, Cancel.create());
  }

  private void assertWhole(ModelFiles files) throws IOException {
    KnownModel known = KnownModel.named(MODEL).orElseThrow();
    assertEquals(known.onnxSha256(), Sha256.of(files.onnx()));
    assertEquals(known.tokenizerSha256(), Sha256.of(files.tokenizer()));
    try (Stream<Path> all = Files.list(home.resolve("models"))) {
      assertEquals(List.of(MODEL), all.map(f -> f.getFileName().toString()).toList());
    }
  }

  @Test
  void severalMayUnpackAModelAtOnce() throws Exception {
    try (var threads = Executors.newFixedThreadPool(3)) {
      Callable<ModelFiles> one = this::open;
      for (var files : threads.invokeAll(List.of(one, one, one))) {
        assertWhole(files.get());
      }
    }
  }

  @Test
  void aDamagedCopyIsMadeAgain() throws IOException {
    ModelFiles files = open();
    Files.write(files.onnx(), new byte[] {1, 2, 3});
    assertWhole(open());
    Files.delete(files.tokenizer());
    assertWhole(open());
    Files.writeString(files.folder().resolve("polyseme-model.json"), "{");
    assertWhole(open());
  }

  @Test
  void aHomeThatIsAFileIsSaid() throws IOException {
    Path file = Files.writeString(home.resolve("file"), "");
    var error =
        assertThrows(
            PolysemeException.class,
            () -> ModelStore.at(file).open(MODEL, Progress.NONE, Cancel.create()));
    assertTrue(error.getMessage().contains("POLYSEME_HOME names another"), error.getMessage());
  }

  @Test
  void unpackingIsCancelledWithoutALeftover() throws IOException {
    Cancel cancel = Cancel.create();
    assertThrows(
        io.polyseme.CancelledException.class,
        () ->
            ModelStore.at(home)
                .open(
                    MODEL,
                    (task, done, total) -> {
                      if (done > total / 2) {
                        cancel.cancel();
                      }
                    },
                    cancel));
    try (Stream<Path> all = Files.list(home.resolve("models"))) {
      assertEquals(0, all.count());
    }
  }
}
