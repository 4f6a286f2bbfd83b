import { engineReport } from "../engine-report.js";

const [batch, size, channels] = [16, 32, 3];

/**
 * What the engine did for one signal-propagation plot of a ResNet-18 on random images: the first
 * time, with compilation, and again on other images.
 */
export async function engineLines(): Promise<readonly string[]> {
  const { useBackend } = await import("../../engine/index.js");
  const { counters, freeze, resetCounters } = await import("../../engine/evaluation.js");
  const { initialize } = await import("../../architectures/parts/network.js");
  const { measurePropagation } = await import("../../analyses/parts/measure-propagation.js");
  const { fold, keyOf, normal } = await import("../../core/random.js");
  const { default: resnet } = await import("../../architectures/resnet.js");
  await useBackend("onnx");
  const given = { depth: 18, size, channels, classes: 10, activationOrder: "pre" };
  const network = resnet.build(resnet.options.parse({ ...given, batchNorm: false }));
  const key = keyOf(0);
  const parameters = initialize(network, key);
  freeze(Object.values(parameters));
  const measure = async (label: string): Promise<readonly string[]> => {
    const images = Float32Array.from(normal(fold(key, label), batch * size * size * channels));
    const labels = Int32Array.from({ length: batch }, (_, n) => n % 10);
    const subject = {
      network,
      parameters,
      batch: { images, labels, count: batch, shape: network.inShape },
    };
    resetCounters();
    const settings = { cotangent: "loss", batchStatistics: "batch", dropout: "off" } as const;
    await measurePropagation(subject, settings, key);
    return engineReport(counters()).map((line) => `${label}: ${line}`);
  };
  return [...(await measure("first pass")), ...(await measure("again"))];
}
