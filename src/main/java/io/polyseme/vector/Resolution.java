package io.polyseme.vector;

/**
 * A term's vector, and how it was come by.
 *
 * @param vector float[dimension], not normalised; the receiver's own
 * @param label what a space has it under, which may differ from the term; empty where it was made
 *     of something else
 * @param note for the person who asked, where the term itself was not found ("\"Kign\" is not in
 *     en: read as \"king\""); otherwise empty
 */
public record Resolution(float[] vector, String label, String note) {}
