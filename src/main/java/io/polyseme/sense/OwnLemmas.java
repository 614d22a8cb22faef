package io.polyseme.sense;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Stands for an inventory where there is none: every form is a lemma, and no senses are known. */
enum OwnLemmas implements SenseInventory {
  INSTANCE;

  @Override
  public String fingerprint() {
    return name();
  }

  @Override
  public List<Sense> senses(String lemma, @Nullable PartOfSpeech pos) {
    return List.of();
  }

  @Override
  public Optional<Sense> sense(String id) {
    return Optional.empty();
  }

  @Override
  public List<Sense> broader(Sense sense) {
    return List.of();
  }

  @Override
  public List<Sense> narrower(Sense sense) {
    return List.of();
  }

  @Override
  public List<String> lemmas(String form, @Nullable PartOfSpeech pos) {
    return List.of(form.strip().toLowerCase(Locale.ROOT));
  }

  @Override
  public List<String> nearLemmas(String word, int limit) {
    return List.of();
  }

  @Override
  public Stream<String> lemmas() {
    return Stream.empty();
  }

  @Override
  public Stream<Sense> all() {
    return Stream.empty();
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
