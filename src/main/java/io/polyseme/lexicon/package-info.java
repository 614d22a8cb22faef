/**
 * Words that dictionaries list: WordNet for English, jieba's dictionary for Chinese. Both are
 * optional dependencies; what is missing is named by the error.
 */
@NullMarked
package io.polyseme.lexicon;

import org.jspecify.annotations.NullMarked;
