/** What excites the neurons of feed-forward layers, over a corpus. */
@NullMarked
package io.polyseme.insight.neurons;

import org.jspecify.annotations.NullMarked;
