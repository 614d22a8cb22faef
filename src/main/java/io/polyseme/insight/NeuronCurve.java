package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.lexicon.ContentWords;
import io.polyseme.vector.RandomOrder;
import io.polyseme.vector.Span;
import io.polyseme.vector.Vectors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;

/**
 * Whether early layers match words and later ones kinds of phrases (Geva et al. 2021, section 3.2
 * and figure 2, which people judged there): by layer, how far what excites a neuron shares words,
 * and how near it is in meaning.
 *
 * @param neurons how many neurons of each layer are looked at, drawn at random of those that have
 *     two examples or more; all of them where there are no more
 * @param examples how many of the strongest examples of each
 * @param seed of what is drawn
 */
public record NeuronCurve(int neurons, int examples, long seed) {
  /** A hundred neurons of each layer, the ten strongest examples of each. */
  public static final NeuronCurve DEFAULT = new NeuronCurve(100, 10, 1);

  private static final int FLOOR_PAIRS = 5000;

  /** How many characters on either side are the context of a word. */
  private static final int CONTEXT = 40;

  public NeuronCurve {
    if (neurons < 1 || examples < 2) {
      throw new IllegalArgumentException(
          "at least one neuron and two examples of it are to be compared: %d, %d"
              .formatted(neurons, examples));
    }
  }

  /** An example with what it is compared by. */
  private record Seen(
      int neuron,
      NeuronExample example,
      String piece,
      String word,
      Set<String> context,
      float[] sentenceVector,
      float[] wordVector) {}

  private record Place(String text, Span word) {}

  private record Meaning(float[] sentence, float[] word) {}

  /**
   * Measures each layer of a profile.
   *
   * @param judge whose vectors tell how near examples are. The profile's own model makes it easier
   *     for later layers, which its last layer is made of; another one does not
   * @throws PolysemeException if none of the profile's neurons has two examples
   * @throws io.polyseme.CancelledException if cancelled
   */
  public List<NeuronLayer> measure(
      NeuronProfile profile, Encoder judge, Progress progress, Cancel cancel) {
    Map<Integer, List<ProfiledNeuron>> drawn = new LinkedHashMap<>();
    Map<String, Set<Span>> places = new LinkedHashMap<>();
    for (int layer : profile.layers()) {
      List<ProfiledNeuron> sample = sample(profile, layer);
      drawn.put(layer, sample);
      for (ProfiledNeuron neuron : sample) {
        for (NeuronExample example : shown(neuron)) {
          places.computeIfAbsent(example.text(), _ -> new LinkedHashSet<>()).add(example.word());
        }
      }
    }
    if (places.isEmpty()) {
      throw new PolysemeException("no neuron of the profile has two examples: profile more texts");
    }
    Map<Place, Meaning> meanings = encode(places, judge, progress, cancel);
    var layers = new ArrayList<NeuronLayer>();
    drawn.forEach(
        (layer, sample) -> {
          cancel.check();
          layers.add(layer(layer, sample, meanings));
        });
    return layers;
  }

  private List<NeuronExample> shown(ProfiledNeuron neuron) {
    return neuron.examples().subList(0, Math.min(examples, neuron.examples().size()));
  }

  private List<ProfiledNeuron> sample(NeuronProfile profile, int layer) {
    var sample = new ArrayList<ProfiledNeuron>();
    var random = new SplittableRandom(seed + layer);
    for (int unit : RandomOrder.shuffled(profile.width(), random)) {
      ProfiledNeuron neuron = profile.neuron(new NeuronId(layer, unit));
      if (neuron.examples().size() > 1) {
        sample.add(neuron);
      }
      if (sample.size() == neurons) {
        break;
      }
    }
    return sample;
  }

  private static Map<Place, Meaning> encode(
      Map<String, Set<Span>> places, Encoder encoder, Progress progress, Cancel cancel) {
    List<TextInput> inputs =
        places.entrySet().stream()
            .map(e -> new TextInput(e.getKey(), List.copyOf(e.getValue())))
            .toList();
    Map<Place, Meaning> meanings = new HashMap<>();
    var done = new int[1];
    encoder.encodeAll(
        inputs.iterator(),
        EncodeRequest.ofWords().withWords(Words.GIVEN).withSentence(true),
        result -> {
          Encoded encoded =
              switch (result) {
                case EncodeResult.Done it -> it.encoded();
                case EncodeResult.Failed it ->
                    throw new PolysemeException(
                        "a sentence cannot be encoded: " + it.error().getMessage(), it.error());
              };
          encoded
              .words()
              .forEach(
                  word ->
                      meanings.put(
                          new Place(encoded.text(), word.span()),
                          new Meaning(encoded.vector(), word.vector())));
          progress.update("encoding what excites the neurons", ++done[0], inputs.size());
        },
        cancel);
    return meanings;
  }

  private NeuronLayer layer(int layer, List<ProfiledNeuron> sample, Map<Place, Meaning> meanings) {
    var seen = new ArrayList<List<Seen>>();
    var all = new ArrayList<Seen>();
    for (ProfiledNeuron neuron : sample) {
      var of = new ArrayList<Seen>();
      for (NeuronExample example : shown(neuron)) {
        Meaning meaning = meanings.get(new Place(example.text(), example.word()));
        if (meaning != null) {
          of.add(seen(seen.size(), example, meaning));
        }
      }
      seen.add(of);
      all.addAll(of);
    }
    List<Seen[]> floor = randomPairs(all);
    return new NeuronLayer(
        layer,
        sample.size(),
        mean(seen, NeuronCurve::samePiece),
        mean(floor, NeuronCurve::samePiece),
        mean(seen, NeuronCurve::sameWord),
        mean(floor, NeuronCurve::sameWord),
        Estimate.mean(
            seen.stream()
                .mapToDouble(of -> of.stream().map(Seen::word).distinct().count() == 1 ? 1 : 0)
                .toArray(),
            seed),
        mean(seen, NeuronCurve::sharedContext),
        mean(floor, NeuronCurve::sharedContext),
        mean(seen, NeuronCurve::sentence),
        mean(floor, NeuronCurve::sentence),
        mean(seen, NeuronCurve::word),
        mean(floor, NeuronCurve::word),
        mean(seen, NeuronCurve::otherWord),
        mean(floor, NeuronCurve::otherWord));
  }

  private static Seen seen(int neuron, NeuronExample example, Meaning meaning) {
    Span word = example.word();
    String text = example.text();
    int start = Math.max(0, word.start() - CONTEXT);
    int end = Math.min(text.length(), word.end() + CONTEXT);
    // Only whole words.
    while (start > 0 && start < word.start() && Character.isLetter(text.charAt(start - 1))) {
      start++;
    }
    while (end < text.length() && end > word.end() && Character.isLetter(text.charAt(end))) {
      end--;
    }
    return new Seen(
        neuron,
        example,
        example.tokenText().toLowerCase(Locale.ROOT),
        example.wordText().toLowerCase(Locale.ROOT),
        ContentWords.of(text.substring(start, end)),
        meaning.sentence(),
        meaning.word());
  }

  private List<Seen[]> randomPairs(List<Seen> all) {
    var random = new SplittableRandom(seed);
    var pairs = new ArrayList<Seen[]>();
    for (int i = 0; i < FLOOR_PAIRS && !all.isEmpty(); i++) {
      Seen a = all.get(random.nextInt(all.size()));
      Seen b = all.get(random.nextInt(all.size()));
      if (a.neuron != b.neuron && !a.example.text().equals(b.example.text())) {
        pairs.add(new Seen[] {a, b});
      }
    }
    return pairs;
  }

  private static double samePiece(Seen a, Seen b) {
    return a.piece.equals(b.piece) ? 1 : 0;
  }

  private static double sameWord(Seen a, Seen b) {
    return a.word.equals(b.word) ? 1 : 0;
  }

  private static double sharedContext(Seen a, Seen b) {
    return Collections.disjoint(a.context, b.context) ? 0 : 1;
  }

  private static double sentence(Seen a, Seen b) {
    return Vectors.cosine(a.sentenceVector, b.sentenceVector);
  }

  private static double word(Seen a, Seen b) {
    return Vectors.cosine(a.wordVector, b.wordVector);
  }

  /** NaN where the words are the same. */
  private static double otherWord(Seen a, Seen b) {
    return a.word.equals(b.word) ? Double.NaN : word(a, b);
  }

  private Estimate mean(List<List<Seen>> seen, ToDoubleBiFunction<Seen, Seen> figure) {
    var means = new double[seen.size()];
    for (int n = 0; n < means.length; n++) {
      List<Seen> of = seen.get(n);
      var pairs = new ArrayList<Seen[]>();
      for (int i = 0; i < of.size(); i++) {
        for (int j = 0; j < i; j++) {
          pairs.add(new Seen[] {of.get(i), of.get(j)});
        }
      }
      means[n] = mean(pairs, figure);
    }
    return Estimate.mean(means, seed);
  }

  /** NaN of nothing. */
  private static double mean(Iterable<Seen[]> pairs, ToDoubleBiFunction<Seen, Seen> figure) {
    double sum = 0;
    int n = 0;
    for (Seen[] pair : pairs) {
      double value = figure.applyAsDouble(pair[0], pair[1]);
      if (!Double.isNaN(value)) {
        sum += value;
        n++;
      }
    }
    return n == 0 ? Double.NaN : sum / n;
  }
}
