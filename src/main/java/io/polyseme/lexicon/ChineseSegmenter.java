package io.polyseme.lexicon;

import io.polyseme.PolysemeException;
import java.util.List;

/**
 * Cuts runs of Chinese characters into words by jieba (https://github.com/fxsjy/jieba: the best
 * path by frequency through a graph of a dictionary's words, unknown words by a hidden Markov
 * model). Its dictionary is loaded once, at the first use, in about a second. Thread-safe.
 */
public final class ChineseSegmenter {
  private ChineseSegmenter() {}

  private static final class Jieba {
    private static final com.huaban.analysis.jieba.JiebaSegmenter SEGMENTER =
        new com.huaban.analysis.jieba.JiebaSegmenter();
  }

  /**
   * The words of a run, in order, together the run.
   *
   * @throws PolysemeException if jieba is not on the class path
   */
  public static List<String> cut(String run) {
    try {
      return Jieba.SEGMENTER.sentenceProcess(run);
    } catch (NoClassDefFoundError e) {
      throw new PolysemeException(
          "Chinese words cannot be cut: add com.huaban:jieba-analysis to the class path", e);
    }
  }
}
