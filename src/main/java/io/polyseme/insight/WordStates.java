package io.polyseme.insight;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.LayerVector;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.vector.Span;
import io.polyseme.vector.Term;
import io.polyseme.vector.TermResolver;
import io.polyseme.vector.UnknownTermException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words with a vector in each layer of an encoder, or one in a word space. Immutable and
 * thread-safe.
 */
public final class WordStates {
  /** What stands for the word in a template. */
  private static final Pattern PLACE = Pattern.compile("(?<![\\p{L}\\p{N}])X(?![\\p{L}\\p{N}])");

  private final String name;
  private final List<String> layers;
  private final Map<String, List<float[]>> vectors;

  private WordStates(String name, List<String> layers, Map<String, List<float[]>> vectors) {
    this.name = name;
    this.layers = List.copyOf(layers);
    this.vectors = vectors;
  }

  /**
   * The hidden states of words.
   *
   * @param template a text in which {@code X} stands for the word; {@code X} itself for the word
   *     alone
   * @param words each once, or more often
   * @param layers which hidden states
   * @throws IllegalArgumentException if the template has no X, or the model has no such layer
   * @throws PolysemeException if a word cannot be encoded
   * @throws io.polyseme.CancelledException if cancelled
   */
  public static WordStates of(
      Encoder encoder,
      String template,
      Collection<String> words,
      Layers layers,
      Progress progress,
      Cancel cancel) {
    Matcher place = PLACE.matcher(template);
    if (!place.find()) {
      throw new IllegalArgumentException(
          "the template \"%s\" has no X, which stands for the word: \"The country of X.\""
              .formatted(template));
    }
    String before = template.substring(0, place.start());
    String after = template.substring(place.end());
    List<String> different = List.copyOf(new LinkedHashSet<>(words));
    List<TextInput> inputs =
        different.stream()
            .map(
                word ->
                    TextInput.of(
                        before + word + after,
                        new Span(before.length(), before.length() + word.length())))
            .toList();
    var names = new ArrayList<String>();
    Map<String, List<float[]>> vectors = new LinkedHashMap<>();
    encoder.encodeAll(
        inputs.iterator(),
        EncodeRequest.ofWords().withWords(Words.GIVEN).withLayers(layers),
        result -> {
          String word = different.get((int) result.index());
          switch (result) {
            case EncodeResult.Failed failed ->
                throw new PolysemeException(
                    "\"%s\" cannot be encoded: %s".formatted(word, failed.error().getMessage()),
                    failed.error());
            case EncodeResult.Done done -> {
              List<LayerVector> states = done.encoded().words().getFirst().vectors();
              if (names.isEmpty()) {
                states.forEach(state -> names.add(state.layer()));
              }
              vectors.put(word, states.stream().map(LayerVector::vector).toList());
            }
          }
          progress.update("encoding words", vectors.size(), inputs.size());
        },
        cancel);
    return new WordStates(encoder.info().card().name(), names, vectors);
  }

  /**
   * The vectors of words in a word space; words that it does not know are left out.
   *
   * @param name the space's
   */
  public static WordStates of(String name, TermResolver resolver, Collection<String> words) {
    Map<String, List<float[]>> vectors = new LinkedHashMap<>();
    for (String word : words) {
      try {
        vectors.put(word, List.of(resolver.resolve(new Term.Word(word))));
      } catch (UnknownTermException e) {
        System.getLogger(WordStates.class.getName())
            .log(System.Logger.Level.DEBUG, "not in " + name, e);
      }
    }
    return new WordStates(name, List.of(""), vectors);
  }

  /** The model's or the space's. */
  public String name() {
    return name;
  }

  /** The layers by name; one empty name for a word space. */
  public List<String> layers() {
    return layers;
  }

  /** Whether a word has vectors. */
  public boolean has(String word) {
    return vectors.containsKey(word);
  }

  /**
   * A word's vector, not to be changed.
   *
   * @param layer a place in {@link #layers()}
   * @throws IllegalArgumentException if the word has none
   */
  public float[] vector(int layer, String word) {
    List<float[]> of = vectors.get(word);
    if (of == null) {
      throw new IllegalArgumentException("\"%s\" is not in %s".formatted(word, name));
    }
    return of.get(layer);
  }
}
