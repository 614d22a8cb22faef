package io.polyseme.train;

/**
 * Words of a text that were joined to one.
 *
 * @param text the words, with {@link PhraseRule#DELIMITER} between them
 * @param count how often it is in the text
 * @param score by {@link PhraseRule}; the best one where it could be joined in several ways
 */
public record Phrase(String text, long count, double score) {}
