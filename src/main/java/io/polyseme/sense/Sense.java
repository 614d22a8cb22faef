package io.polyseme.sense;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One meaning of a lemma, as an inventory lists it.
 *
 * @param id unique in its inventory; with WordNet the sense key, as {@code bank%1:17:01::}
 * @param lemma the word's base form, phrases with spaces; as the inventory writes it
 * @param pos null where the inventory does not say
 * @param number its place among the senses of the lemma and part of speech, from 1
 * @param count how often it occurs in the texts that the inventory counted; -1 where it did not
 * @param gloss the definition; empty only where there are examples
 * @param examples sentences or phrases in which the lemma, inflected or not, has this sense
 * @param synonyms the other lemmas with this meaning
 * @param topic a coarse class, as WordNet's lexicographer file {@code noun.artifact}; often empty
 */
public record Sense(
    String id,
    String lemma,
    @Nullable PartOfSpeech pos,
    int number,
    int count,
    String gloss,
    List<String> examples,
    List<String> synonyms,
    String topic) {
  public Sense {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(lemma, "lemma");
    Objects.requireNonNull(gloss, "gloss");
    Objects.requireNonNull(topic, "topic");
    examples = List.copyOf(examples);
    synonyms = List.copyOf(synonyms);
  }
}
