package io.polyseme.lexicon;

import java.util.Set;

/**
 * Words of English and Chinese that say how others are joined, and little of what a text is about.
 */
public final class FunctionWords {
  private static final Set<String> ENGLISH =
      Set.of(
          ("a about after again against all also although am among an and another any are as at be"
                  + " became because been before being between both but by can cannot could did do"
                  + " does done down during each either else ever every few for from further had has"
                  + " have having he hence her here hers herself him himself his how however i if in"
                  + " into is it its itself just less like many may me might mine more most much must"
                  + " my myself neither no nor not now of off often on once one only onto or other"
                  + " others our ours ourselves out over own per quite rather s said same she should"
                  + " since so some such t than that the their theirs them themselves then there"
                  + " therefore these they this those though three through thus to together too two"
                  + " under until up upon us very was we well were what when where whether which while"
                  + " who whom whose why will with within without would yet you your yours yourself")
              .split(" "));

  private static final Set<String> CHINESE =
      Set.of(
          ("的 了 在 是 和 与 及 或 而 就 都 也 还 又 不 没 没有 很 更 最 有 为 以 于 之 其 这 那 这个 那个 这些 那些"
                  + " 这种 一 一个 一种 个 种 上 下 中 里 到 从 对 向 把 被 将 由 等 所 并 并且 但 但是 因为 所以"
                  + " 如果 我 你 他 她 它 我们 你们 他们 自己 着 过 地 得 吗 呢 吧 啊 能 会 要 可以 可 来 去 说")
              .split(" "));

  private FunctionWords() {}

  /** Whether a form, in lower case, is one of them. */
  public static boolean contains(String form) {
    return ENGLISH.contains(form) || CHINESE.contains(form);
  }
}
