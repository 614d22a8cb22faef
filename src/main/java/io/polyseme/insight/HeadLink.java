package io.polyseme.insight;

/**
 * The strongest look of a head in a text, special tokens and words at themselves apart.
 *
 * @param head which one it is
 * @param from the word or mark that looks; empty in a text of one word
 * @param to the one that it looks at
 * @param attention the share of its attention that goes there
 */
public record HeadLink(HeadRef head, String from, String to, double attention) {}
