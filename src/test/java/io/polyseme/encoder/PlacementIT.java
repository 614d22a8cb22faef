package io.polyseme.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.ExecutionProvider.Placement;
import io.polyseme.encoder.graph.EncoderGraph;
import io.polyseme.model.ModelFiles;
import io.polyseme.model.ModelStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What runs where, by ONNX Runtime's own profile of a run; here all of it on the CPU. */
@Timeout(300)
class PlacementIT {
  @Test
  void aFirstRunTellsWhatRunsWhere() {
    ModelFiles files =
        ModelStore.standard().open("bge-small-zh-v1.5", Progress.NONE, Cancel.create());
    EncoderGraph graph = EncoderGraph.read(files.onnx());
    List<String> notes = new ArrayList<>();
    ChosenProvider provider =
        ChosenProvider.of(EncoderOptions.DEFAULT.withNotes(notes::add), graph, files.card().name());
    assertNull(provider.info().placement());
    for (int layer : new int[] {4, 1, 4}) {
      ModelSession.openAndPlace(
              files, graph, ModelSession.Values.ofLayers(List.of(layer)), provider)
          .close();
      Placement placement = provider.info().placement();
      assertEquals(
          placement.nodes(), placement.onCpu().values().stream().mapToInt(Integer::intValue).sum());
      // Of each layer six projections and two products of attention.
      assertEquals(8 * layer, placement.onCpu().get("MatMul") + fused(placement));
      assertTrue(
          placement.computing() > 8 * layer && placement.computing() < placement.nodes(),
          placement.toString());
    }
    assertEquals(2, notes.size(), "each once: " + notes);
    assertTrue(notes.getFirst().startsWith("on cpu, "), notes.getFirst());
  }

  private static int fused(Placement placement) {
    return placement.onCpu().getOrDefault("FusedMatMul", 0);
  }
}
