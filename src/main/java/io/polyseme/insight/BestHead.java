package io.polyseme.insight;

/**
 * The head that does a job best, chosen on one half of the texts and scored on the other.
 *
 * @param pattern the job
 * @param head the head
 * @param chosenBy its share on the half that it was chosen on
 * @param score its share on the other half
 * @param even what attention that is the same everywhere scores there; of {@link HeadPattern#BROAD}
 *     nearly 1
 * @param median the median of all heads there
 * @param words how many words and marks of that half there were to score by
 */
public record BestHead(
    HeadPattern pattern,
    HeadRef head,
    double chosenBy,
    double score,
    double even,
    double median,
    long words) {}
