package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.polyseme.encoder.CudaDiagnosis.Finding;
import io.polyseme.encoder.EncoderOptions.Device;
import io.polyseme.encoder.EncoderOptions.Precision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class CudaDiagnosisTest {
  private static final List<String> NEEDED =
      List.of("libcublas.so.12", "libcudart.so.12", "libcuda.so.1", "libc.so.6");

  @Test
  void whatIsMissingOnThisMachineIsSaid() {
    Finding finding = CudaDiagnosis.of(new Device.Cuda(0));
    assumeFalse(finding instanceof Finding.Usable, "this machine has a GPU: " + finding);
    var unusable = assertInstanceOf(Finding.Unusable.class, finding);
    boolean withCuda =
        getClass().getResource("/ai/onnxruntime/native/linux-x64/libonnxruntime_providers_cuda.so")
            != null;
    if (withCuda) {
      assertTrue(unusable.what().contains("NVIDIA"), unusable.what());
    } else {
      assertTrue(unusable.what().contains("built for the CPU only"), unusable.what());
      assertTrue(unusable.what().contains("onnxruntime-1"), unusable.what());
      assertTrue(unusable.remedy().contains("onnxruntime_gpu"), unusable.remedy());
    }
  }

  @Test
  void oneRuntimeIsAlone() {
    assertNull(CudaDiagnosis.alone(List.of("onnxruntime_gpu-1.29.0.jar")));
    assertNull(CudaDiagnosis.alone(List.of()), "a runtime that is no jar");
    Finding.Unusable both =
        CudaDiagnosis.alone(List.of("onnxruntime-1.29.0.jar", "onnxruntime_gpu-1.29.0.jar"));
    assertTrue(
        both.what().endsWith("onnxruntime-1.29.0.jar, onnxruntime_gpu-1.29.0.jar"), both.what());
  }

  @Test
  void missingLibrariesAreNamedAllAtOnce() {
    assertNull(CudaDiagnosis.libraries(NEEDED, List.of(), 12040));
    assertNull(CudaDiagnosis.libraries(NEEDED, List.of(), 13000), "a newer driver runs all");
    Finding.Unusable missing =
        CudaDiagnosis.libraries(NEEDED, List.of("libcublas.so.12", "libcudart.so.12"), 12040);
    assertTrue(missing.what().endsWith(": libcublas.so.12, libcudart.so.12"), missing.what());
    assertTrue(missing.remedy().contains("CUDA 12,"), missing.remedy());
    assertTrue(missing.remedy().contains("LD_LIBRARY_PATH"), missing.remedy());
  }

  @Test
  void anOldDriverIsSaidToBeOld() {
    Finding.Unusable old = CudaDiagnosis.libraries(NEEDED, List.of(), 11080);
    assertEquals(
        "the NVIDIA driver is made for CUDA 11.8, and this ONNX Runtime needs CUDA 12", old.what());
  }

  @Test
  void aDeviceThatIsNotThereIsAnsweredWithThoseThatAre() {
    List<String> devices = List.of("NVIDIA L4", "NVIDIA A10G");
    assertNull(CudaDiagnosis.device(1, devices));
    Finding.Unusable none = CudaDiagnosis.device(2, devices);
    assertEquals("there is no GPU number 2", none.what());
    assertEquals("There is cuda:0 (NVIDIA L4), cuda:1 (NVIDIA A10G)", none.remedy());
    assertEquals("The driver sees none", CudaDiagnosis.device(0, List.of()).remedy());
  }

  @Test
  void hiddenDevicesAreThoughtOf() {
    String plain = CudaDiagnosis.refused("cuInit: CUDA_ERROR_NO_DEVICE", null).remedy();
    assertTrue(plain.startsWith("See what nvidia-smi says"), plain);
    Finding.Unusable hidden = CudaDiagnosis.refused("cuInit: CUDA_ERROR_NO_DEVICE", "7");
    assertTrue(hidden.what().contains("CUDA_ERROR_NO_DEVICE"), hidden.what());
    assertTrue(hidden.remedy().startsWith("CUDA_VISIBLE_DEVICES is \"7\""), hidden.remedy());
  }

  @Test
  void autoSaysWhatItChoseAndWhy() {
    List<String> notes = new ArrayList<>();
    var cuda = new Device.Cuda(1, 0, Precision.FP16);
    ExecutionProvider gpu =
        ChosenProvider.auto(cuda, new Finding.Usable("NVIDIA L4"), notes::add).info();
    assertEquals(
        new ExecutionProvider(cuda, "cuda:1 (NVIDIA L4), fp16", "auto: it can be used", null), gpu);
    ExecutionProvider cpu =
        ChosenProvider.auto(cuda, CudaDiagnosis.noDriver("libcuda.so.1"), notes::add).info();
    assertEquals(new Device.Cpu(), cpu.device());
    assertEquals(
        "auto: there is no NVIDIA driver (libcuda.so.1 cannot be loaded); in float32, and not fp16",
        cpu.reason());
    assertEquals(
        List.of(
            "running on cuda:1 (NVIDIA L4), fp16 (auto: it can be used)",
            "running on cpu (" + cpu.reason() + ")"),
        notes);
  }
}
