"""What gensim takes for the same work as WordSpaceRun: a line of JSON for each measurement."""
import json
import os
import random
import resource
import sys
import time

import gensim
from gensim.models import KeyedVectors

vectors, questions, folder = sys.argv[1:4]


def tell(what, value, unit):
    print(json.dumps({"who": "gensim " + gensim.__version__, "what": what, "value": value, "unit": unit}), flush=True)


def timed(what, unit, scale, work, count=1):
    start = time.perf_counter()
    result = work()
    tell(what, (time.perf_counter() - start) * scale / count, unit)
    return result


words = timed("load of text", "s", 1, lambda: KeyedVectors.load_word2vec_format(vectors, no_header=True))
own = os.path.join(folder, "gensim.kv")
words.save(own)
words = timed("load of own format", "s", 1, lambda: KeyedVectors.load(own, mmap="r"))
timed("first answer after it", "s", 1, lambda: words.most_similar("king", topn=10))
random.seed(1)
asked = [words.index_to_key[random.randrange(20000)] for _ in range(300)]
for _ in range(3):  # the last counts
    start = time.perf_counter()
    for word in asked:
        words.most_similar(word, topn=10)
    one = (time.perf_counter() - start) * 1000 / len(asked)
tell("one query", one, "ms")
tell("ten thousand queries", one * 10, "s")
with open(os.path.join(folder, "queries.txt"), "w", encoding="utf-8") as out:
    for word in asked:
        near = words.most_similar(word, topn=10)
        out.write("\t".join([word] + [label for label, _ in near] + [repr(near[-1][1])]) + "\n")
tell("resident memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB")
score, sections = timed(
    "Google's questions", "s", 1, lambda: words.evaluate_word_analogies(questions, restrict_vocab=None)
)
total = sections[-1]
tell("Google's questions right", len(total["correct"]), "of %d" % (len(total["correct"]) + len(total["incorrect"])))
