/**
 * The field's public test sets, read in their own formats and scored with intervals: {@link
 * io.polyseme.evaluate.AnalogyQuestions analogies}, {@link io.polyseme.evaluate.SimilarityPairs
 * word similarity}, {@link io.polyseme.evaluate.CoarseSenses coarse senses in context}, {@link
 * io.polyseme.evaluate.ContextPairs same senses or not}, {@link io.polyseme.evaluate.RatedContexts
 * similarity in context}, {@link io.polyseme.evaluate.SentencePairs sentence similarity}, and
 * {@link io.polyseme.evaluate.RetrievalSet search}. The sets themselves are no part of the project;
 * each reader says what it expects at a path.
 */
@NullMarked
package io.polyseme.evaluate;

import org.jspecify.annotations.NullMarked;
