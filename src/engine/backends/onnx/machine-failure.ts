const elsewhere = "or use --backend onnx, which computes on the CPU";

/** What a machine cannot, by what ONNX Runtime, WebGPU and CUDA say of it. */
const failures: readonly (readonly [RegExp, string])[] = [
  [/device\]? is lost|device was lost/i, `the GPU was lost; run the command again, ${elsewhere}`],
  [
    /exceeds the max \w*(?: \w+)* size|invalid buffer/i,
    `the GPU cannot hold a tensor of this size; use a smaller batch, ${elsewhere}`,
  ],
  [
    /(?:CUDA|CUDNN|CUBLAS)\w* (?:failure|error)[^;]*(?:out of memory|ALLOC_FAILED)/i,
    `the GPU's memory is too small; use a smaller batch, ${elsewhere}`,
  ],
  [/(?:CUDA|CUDNN|CUBLAS)\w* (?:failure|error) ?\d*/i, `the GPU failed; run again, ${elsewhere}`],
];

/**
 * What the machine could not do, in words, when the message of a failure is one of a lost GPU or of
 * too little memory; undefined when the graph is to blame.
 */
export function machineFailure(message: string): string | undefined {
  const known = failures.find(([pattern]) => pattern.test(message))?.[1];
  if (known !== undefined) return known;
  return /alloc|memory/i.test(message) ? message.split("\n")[0] : undefined;
}
