package io.polyseme.sense;

import io.polyseme.Cancel;
import io.polyseme.PolysemeException;
import io.polyseme.Progress;
import io.polyseme.encoder.EncodeRequest;
import io.polyseme.encoder.EncodeResult;
import io.polyseme.encoder.Encoded;
import io.polyseme.encoder.EncodedWord;
import io.polyseme.encoder.Encoder;
import io.polyseme.encoder.Layers;
import io.polyseme.encoder.TextInput;
import io.polyseme.encoder.Words;
import io.polyseme.model.Pooling;
import io.polyseme.vector.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes the texts of senses into inputs of an encoder: glosses after their word, and examples with
 * the word in them.
 */
final class SenseTexts {
  /** How many lemmas' first senses the vectors are standardised by. */
  private static final int SAMPLE = 300;

  private SenseTexts() {}

  /** A gloss or an example; the span is the word's. */
  record Text(Sense sense, boolean gloss, TextInput input) {}

  /**
   * The layers whose sum tells senses apart best: from five to ten of BERT's twelve, and in that
   * proportion in models of another depth.
   */
  static int[] layers(int depth) {
    int first = Math.max(1, Math.round(depth * 5 / 12f));
    int last = Math.max(first, Math.round(depth * 10 / 12f));
    var layers = new int[last - first + 1];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = first + i;
    }
    return layers;
  }

  /**
   * The lemma and its synonyms before the gloss, as "bank, banking concern: an institution ...".
   */
  private static Optional<Text> gloss(Sense sense) {
    if (sense.gloss().isEmpty()) {
      return Optional.empty();
    }
    var text = new StringBuilder(sense.lemma());
    sense.synonyms().forEach(synonym -> text.append(", ").append(synonym));
    text.append(": ").append(sense.gloss());
    return Optional.of(
        new Text(sense, true, TextInput.of(text.toString(), new Span(0, sense.lemma().length()))));
  }

  /**
   * The examples in which the lemma, inflected or not, is found; where it is in none of them, those
   * with a synonym, which show the same sense.
   */
  private static List<Text> examples(Sense sense, SenseInventory inventory, Encoder encoder) {
    List<Text> own = examples(sense, sense.lemma(), inventory, encoder);
    if (!own.isEmpty() || sense.examples().isEmpty()) {
      return own;
    }
    return sense.synonyms().stream()
        .flatMap(synonym -> examples(sense, synonym, inventory, encoder).stream())
        .toList();
  }

  private static List<Text> examples(
      Sense sense, String word, SenseInventory inventory, Encoder encoder) {
    var texts = new ArrayList<Text>();
    for (String example : sense.examples()) {
      place(sense, word, example, inventory, encoder)
          .ifPresent(span -> texts.add(new Text(sense, false, TextInput.of(example, span))));
    }
    return texts;
  }

  /** Where the lemma or a synonym stands in an example: as it is written, or else a form of it. */
  private static Optional<Span> place(
      Sense sense, String word, String example, SenseInventory inventory, Encoder encoder) {
    String lemma = word.toLowerCase(Locale.ROOT);
    List<Span> words = encoder.words(example);
    int length = encoder.words(lemma).size();
    for (boolean inflected : new boolean[] {false, true}) {
      for (int i = 0; i + length <= words.size(); i++) {
        var span = new Span(words.get(i).start(), words.get(i + length - 1).end());
        String form = span.of(example).toLowerCase(Locale.ROOT);
        if (inflected ? inventory.lemmas(form, sense.pos()).contains(lemma) : form.equals(lemma)) {
          return Optional.of(span);
        }
      }
    }
    // Where words touch, a lemma may be a part of what the segmenter calls a word.
    int at = example.toLowerCase(Locale.ROOT).indexOf(lemma);
    return at >= 0 && lemma.codePoints().allMatch(Character::isIdeographic)
        ? Optional.of(new Span(at, at + lemma.length()))
        : Optional.empty();
  }

  /** The gloss and the examples. */
  static Stream<Text> all(Sense sense, SenseInventory inventory, Encoder encoder) {
    return Stream.concat(gloss(sense).stream(), examples(sense, inventory, encoder).stream());
  }

  /** The senses that share their lemma with another, in the inventory's order. */
  static Collection<Sense> ambiguous(SenseInventory inventory) {
    Map<String, Sense> senses = new LinkedHashMap<>();
    inventory
        .lemmas()
        .forEach(
            lemma -> {
              List<Sense> of = inventory.senses(lemma, null);
              if (of.size() > 1) {
                of.forEach(sense -> senses.put(sense.id(), sense));
              }
            });
    return senses.values();
  }

  /**
   * Encodes the glosses and examples of senses; a text that cannot be encoded is left out.
   *
   * @return by the senses' ids, in their order
   */
  static Map<String, GatheredSense> gather(
      Collection<Sense> senses,
      UsageSpace base,
      SenseInventory inventory,
      Encoder encoder,
      Progress progress,
      Cancel cancel) {
    Map<String, GatheredSense> gathered = new LinkedHashMap<>();
    senses.forEach(sense -> gathered.put(sense.id(), new GatheredSense(sense)));
    long[] done = new long[1];
    InOrder.encode(
        gathered.values().stream()
            .flatMap(
                of -> {
                  progress.update("encoding glosses and examples", ++done[0], gathered.size());
                  return all(of.sense(), inventory, encoder);
                })
            .iterator(),
        Text::input,
        encoder,
        Disambiguator.request(base).withSentence(true).withSentencePooling(Pooling.MEAN),
        (text, result) -> {
          if (result instanceof EncodeResult.Done(_, Encoded encoded)) {
            GatheredSense of = gathered.get(text.sense().id());
            float[] word = base.sum(encoded.words().getFirst().vectors());
            if (text.gloss()) {
              of.addGloss(word, base.sum(encoded.sentence()));
            } else {
              of.addExample(word);
            }
          }
        },
        cancel);
    return gathered;
  }

  /**
   * The space of an encoder's usages, standardised by the words of glosses and examples of lemmas
   * that lie evenly over the inventory.
   *
   * @throws PolysemeException if the inventory has hardly any words
   */
  static UsageSpace standardised(SenseInventory inventory, Encoder encoder, Cancel cancel) {
    int depth = encoder.info().layers();
    if (depth < 1) {
      throw new PolysemeException(
          "the model %s gives no inner layers, which telling senses apart needs: %s"
              .formatted(encoder.info().card().name(), encoder.info().problem()));
    }
    int[] layers = layers(depth);
    List<String> lemmas = inventory.lemmas().toList();
    var inputs = new ArrayList<TextInput>();
    double step = Math.max(1, lemmas.size() / (double) SAMPLE);
    for (double at = 0; at < lemmas.size(); at += step) {
      Sense sense = inventory.senses(lemmas.get((int) at), null).getFirst();
      inputs.add(TextInput.of(sense.lemma() + ": " + sense.gloss()));
      sense.examples().forEach(example -> inputs.add(TextInput.of(example)));
    }
    var statistics = new UsageSpace.Statistics(layers);
    encoder.encodeAll(
        inputs.iterator(),
        EncodeRequest.ofWords().withWords(Words.ALL).withLayers(Layers.of(layers)),
        result -> {
          if (result instanceof EncodeResult.Done done) {
            for (EncodedWord word : done.encoded().words()) {
              statistics.add(word.vectors());
            }
          }
        },
        cancel);
    return statistics.space();
  }
}
