import { it } from "vitest";
import { useBackend } from "../../src/engine/index.js";
import { parseOptions } from "../../src/core/schema.js";
import { summaryTable } from "../../src/analyses/parts/table.js";
import { subjectOf, measureRows } from "./subjects.js";
import * as tf from "../../src/engine/tf.js";
for (const backend of ["onnx"])
it(`tries ${backend}`, async () => {
  await useBackend(backend);
  const rows: any[] = [];
  const list: [string, any][] = [["idshort", {depth:18,size:32,stem:"3x3",classes:10}],["idshort", {depth:18,size:32,stem:"3x3",classes:10,init:"brock"}],["convshort", {depth:18,size:32,stem:"3x3",classes:10}],["isonet",{depth:20}],["r-isonet",{depth:20}],["fixup",{depth:20}],["nf-resnet",{depth:50,size:64}],["resnet",{depth:20}],["risotto",{depth:20}],["skipinit",{depth:50,size:64}]];
  for (const [name, opts] of list) {
    try {
    const arch = (await import(`../../src/architectures/${name}.ts`)).default;
    const net = arch.build(parseOptions(arch.options, opts, name));
    for (const seed of [1,2]) {
      const s = subjectOf(net, seed, 16);
      const t = performance.now();
      const before = tf.memory().numTensors - Object.keys(s.parameters).length;
      const r = await measureRows(s, {}, { architecture: name, options: opts.init ? "init="+opts.init : "", seed });
      console.log(name, seed, Math.round(performance.now()-t), "ms", r.length, "leak", tf.memory().numTensors - before, net.blocks.length);
      rows.push(...r);
    } } catch (e) { console.log(name, String((e as Error).stack).slice(0,600)); }
  }
  const t = summaryTable(rows);
  for (const r of [t.header, ...t.rows]) console.log(r.join(" | "));
}, 600000);
