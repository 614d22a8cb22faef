"""Trains skip-gram by gensim out of a file of lines, with all threads at work on it (corpus_file)."""
import sys

from gensim.models import Word2Vec

text, out, epochs, threads, rate, seed = sys.argv[1:]
model = Word2Vec(
    corpus_file=text,
    vector_size=100,
    window=5,
    negative=5,
    sample=1e-4,
    min_count=5,
    sg=1,
    epochs=int(epochs),
    workers=int(threads),
    alpha=float(rate),
    seed=int(seed),
)
model.wv.save_word2vec_format(out)
