// The work of SideRun by transformers.js: NAME MODEL WORK SET... Each set of texts is encoded once to warm up
// and once by the clock; the vectors of that pass are written, and its time told in a line of JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { env, pipeline } from "@huggingface/transformers";

const [name, model, work, ...sets] = process.argv.slice(2);
const size = name.includes("-32") ? 32 : 1;
const sorted = name.endsWith("-sorted");

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = dirname(model);
const extract = await pipeline("feature-extraction", basename(model), { dtype: "fp32", device: "cpu" });

async function encode(texts) {
  const order = texts.map((_, i) => i);
  if (sorted) {
    order.sort((a, b) => texts[a].length - texts[b].length);
  }
  const vectors = new Array(texts.length);
  for (let from = 0; from < texts.length; from += size) {
    const some = order.slice(from, from + size);
    const result = await extract(size === 1 ? texts[some[0]] : some.map((i) => texts[i]), {
      pooling: "mean",
      normalize: true,
    });
    const dimension = result.dims[1];
    some.forEach((text, i) => {
      vectors[text] = result.data.slice(i * dimension, (i + 1) * dimension);
    });
  }
  return vectors;
}

for (const set of sets) {
  const texts = readFileSync(join(work, `${set}.txt`), "utf8").replace(/\n$/, "").split("\n");
  await encode(texts);
  const start = performance.now();
  const vectors = await encode(texts);
  const seconds = (performance.now() - start) / 1000;
  const bytes = vectors.map((vector) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength));
  writeFileSync(join(work, `${name}-${set}.f32`), Buffer.concat(bytes));
  console.log(JSON.stringify({ set, texts: texts.length, seconds }));
}
