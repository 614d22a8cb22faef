package io.polyseme.collection;

import com.carrotsearch.hppc.IntArrayList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which entries of a collection are duplicates of which; found by {@link Deduplication}. Texts are
 * read from the index when a group is asked for. Thread-safe; not to be used after the collection
 * is closed.
 */
public final class Duplicates {
  private final TextCollection texts;

  /** The row that stands for each row: itself where it is kept. */
  private final int[] leaders;

  /** Kept rows with duplicates, those with the most first. */
  private final int[] groups;

  /** The entries that go, by the row that stands for them. */
  private final IntArrayList[] removed;

  private final int removedCount;

  Duplicates(TextCollection texts, int[] leaders) {
    this.texts = texts;
    this.leaders = leaders;
    this.removed = new IntArrayList[leaders.length];
    int count = 0;
    for (int entry = 0; entry < texts.entries(); entry++) {
      if (isRemoved(entry)) {
        int leader = leaders[texts.row(entry)];
        if (removed[leader] == null) {
          removed[leader] = new IntArrayList(2);
        }
        removed[leader].add(entry);
        count++;
      }
    }
    this.removedCount = count;
    this.groups =
        IntStream.range(0, leaders.length)
            .filter(row -> removed[row] != null)
            .boxed()
            .sorted(Comparator.comparingInt((Integer row) -> -removed[row].size()))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  private boolean isRemoved(int entry) {
    int row = texts.row(entry);
    return leaders[row] != row || texts.isCopy(entry);
  }

  /** How many groups there are. */
  public int groups() {
    return groups.length;
  }

  /** How many entries go. */
  public int removed() {
    return removedCount;
  }

  /** How many entries stay. */
  public int kept() {
    return texts.entries() - removedCount;
  }

  /**
   * A group.
   *
   * @param i from 0, the one with the most duplicates
   */
  public DuplicateGroup group(int i) {
    int kept = groups[i];
    var of = new ArrayList<DuplicateGroup.Removed>();
    for (int at = 0; at < removed[kept].size(); at++) {
      int entry = removed[kept].get(at);
      int row = texts.row(entry);
      of.add(
          new DuplicateGroup.Removed(
              texts.member(texts.label(entry)),
              row == kept ? 1 : texts.cosine(kept, row),
              texts.isCopy(entry)));
    }
    of.sort(Comparator.comparingDouble((DuplicateGroup.Removed it) -> -it.score()));
    return new DuplicateGroup(i + 1, texts.member(kept), of);
  }

  /** The labels of all entries that stay, in the order of the index. */
  public List<String> keptLabels() {
    return IntStream.range(0, texts.entries())
        .filter(entry -> !isRemoved(entry))
        .mapToObj(texts::label)
        .toList();
  }

  /** The labels of all entries that go, in the order of the index. */
  public List<String> removedLabels() {
    return IntStream.range(0, texts.entries())
        .filter(this::isRemoved)
        .mapToObj(texts::label)
        .toList();
  }
}
