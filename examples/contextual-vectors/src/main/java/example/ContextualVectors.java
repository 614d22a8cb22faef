package example;

import io.polyseme.Cancel;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.model.ModelStore;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.Vectors;
import java.util.Comparator;
import java.util.List;

/** The word "bank" in four sentences, and an analogy by arithmetic. */
public final class ContextualVectors {
  public static void main(String[] args) {
    var model = ModelStore.standard().open("bge-small-en-v1.5", Progress.NONE, Cancel.create());
    try (Encoder encoder = Encoder.open(model)) {
      banks(encoder.wordResolver(EncodeRequest.ofWords()));
      analogy(encoder.wordResolver(EncodeRequest.ofWords().withLayers(Layers.of(3))));
    }
  }

  private static void banks(TermResolver words) {
    List<String> sentences =
        List.of(
            "He sat on the bank of the river and fished.",
            "The grassy bank of the stream was muddy.",
            "She opened an account at the bank.",
            "The bank lends money to small firms.");
    List<float[]> banks =
        sentences.stream()
            .map(text -> words.resolve(new Term.Usage(text, span(text, "bank"))))
            .toList();
    for (int i = 0; i < banks.size(); i++) {
      for (float[] other : banks) {
        System.out.printf("%5.2f", Vectors.cosine(banks.get(i), other));
      }
      System.out.println("   " + sentences.get(i));
    }
  }

  private static void analogy(TermResolver words) {
    float[] target = words.resolve(new Term.Word("king"));
    Vectors.addScaled(target, words.resolve(new Term.Word("man")), -1);
    Vectors.addScaled(target, words.resolve(new Term.Word("woman")), 1);
    String answer =
        List.of("queen", "prince", "throne", "castle", "girl", "lady", "country", "crown").stream()
            .max(
                Comparator.comparingDouble(
                    word -> Vectors.cosine(target, words.resolve(new Term.Word(word)))))
            .orElseThrow();
    System.out.println("king - man + woman = " + answer);
  }

  private static Span span(String text, String word) {
    int start = text.indexOf(word);
    return new Span(start, start + word.length());
  }
}
