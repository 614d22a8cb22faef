package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.CudaDiagnosis.Finding;
import io.polyseme.encoder.EncoderOptions.Device;
import io.polyseme.encoder.EncoderOptions.Precision;
import io.polyseme.encoder.graph.WeightQuantiser;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * On a GPU: skipped where there is none, or the tests run without the Maven profile gpu, and the
 * reason says which.
 */
@Tag("gpu")
@Timeout(600)
class EncoderOnGpuIT {
  private static final Device.Cuda CUDA = new Device.Cuda(0);

  @BeforeAll
  static void aGpuIsThere() {
    Finding finding = CudaDiagnosis.of(CUDA);
    assumeTrue(
        finding instanceof Finding.Usable,
        () -> finding instanceof Finding.Unusable(String what, _) ? "no GPU: " + what : "");
  }

  private static ModelFiles files(String model) {
    return ModelStore.standard().open(model, Progress.NONE, Cancel.create());
  }

  private static List<TextInput> texts() {
    return IntStream.range(0, 300)
        .mapToObj(i -> TextInput.of("The bank of river %d ".formatted(i).repeat(1 + i % 40)))
        .toList();
  }

  private static List<float[]> vectors(ModelFiles files, Device device, List<String> notes) {
    List<float[]> vectors = new ArrayList<>();
    try (Encoder encoder =
        Encoder.open(files, EncoderOptions.DEFAULT.withDevice(device).withNotes(notes::add))) {
      encoder.encodeAll(
          texts().iterator(),
          EncodeRequest.ofSentences(),
          result ->
              vectors.add(assertInstanceOf(EncodeResult.Done.class, result).encoded().vector()),
          Cancel.create());
    }
    return vectors;
  }

  private static double worst(List<float[]> some, List<float[]> others) {
    assertEquals(some.size(), others.size());
    double worst = 1;
    for (int i = 0; i < some.size(); i++) {
      double ab = 0;
      double aa = 0;
      double bb = 0;
      for (int d = 0; d < some.get(i).length; d++) {
        ab += (double) some.get(i)[d] * others.get(i)[d];
        aa += (double) some.get(i)[d] * some.get(i)[d];
        bb += (double) others.get(i)[d] * others.get(i)[d];
      }
      worst = Math.min(worst, ab / Math.sqrt(aa * bb));
    }
    return worst;
  }

  @ParameterizedTest
  @CsvSource({"FP32, 0.999999", "TF32, 0.999", "FP16, 0.999"})
  void vectorsAreThoseOfTheCpu(Precision precision, double least) {
    for (String model : List.of("bge-small-en-v1.5", "all-minilm-l6-v2")) {
      List<String> notes = new ArrayList<>();
      double worst =
          worst(
              vectors(files(model), new Device.Cpu(), notes),
              vectors(files(model), CUDA.withPrecision(precision), notes));
      assertTrue(worst >= least, model + ": " + worst);
      assertEquals(List.of(), notes, "nothing that computes stays on the CPU");
    }
  }

  @Test
  void whatRunsWhereIsKnown() {
    try (Encoder encoder =
        Encoder.open(
            files("bge-small-en-v1.5"), EncoderOptions.DEFAULT.withDevice(new Device.Auto()))) {
      ExecutionProvider provider = encoder.executionProvider();
      assertEquals(CUDA, provider.device());
      assertTrue(provider.name().startsWith("cuda:0 ("), provider.name());
      assertEquals(0, provider.placement().computing(), provider.placement().toString());
      assertTrue(provider.placement().nodes() > 100, provider.placement().toString());
    }
  }

  @Test
  void weightsOfEightBitsAreFloatsThere(@TempDir Path folder) throws IOException {
    ModelFiles plain = files("bge-small-en-v1.5");
    WeightQuantiser.write(
        plain.onnx(), folder.resolve("model.onnx"), io.polyseme.Progress.NONE, Cancel.create());
    Files.copy(plain.tokenizer(), folder.resolve("tokenizer.json"));
    Files.copy(
        plain.folder().resolve("polyseme-model.json"), folder.resolve("polyseme-model.json"));
    List<String> notes = new ArrayList<>();
    double worst =
        worst(
            vectors(plain, new Device.Cpu(), notes),
            vectors(files(folder.toString()), CUDA, notes));
    assertTrue(worst > 0.99, "worst " + worst);
    assertEquals(1, notes.size(), notes.toString());
    assertTrue(notes.getFirst().contains("multiplied as float32"), notes.getFirst());
  }

  @Test
  void lessMemoryThanTheWeightsTakeIsAnError() {
    var error =
        assertThrows(
            PolysemeException.class,
            () ->
                vectors(
                    files("bge-small-en-v1.5"), CUDA.withMemoryBytes(1 << 20), new ArrayList<>()));
    assertTrue(error.getMessage().contains("ONNX Runtime"), error.getMessage());
  }

  @Test
  void aDeviceThatIsNotThereIsAnError() {
    var options = EncoderOptions.DEFAULT.withDevice(new Device.Cuda(99));
    ModelFiles files = files("bge-small-en-v1.5");
    var error = assertThrows(PolysemeException.class, () -> Encoder.open(files, options));
    assertTrue(
        error.getMessage().contains("there is no GPU number 99. There is cuda:0 ("),
        error.getMessage());
  }
}
