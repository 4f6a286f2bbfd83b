import { describe, expect, test } from "vitest";
import { machineFailure } from "../../src/engine/backends/onnx/machine-failure.js";

/** Messages as ONNX Runtime 1.30 gives them. */
const cases = [
  [
    "/onnxruntime_src/onnxruntime/core/providers/webgpu/buffer_manager.cc:641 Download Failed to download data from buffer. wgpu::MapAsyncStatus value: 4, message: [Device] is lost.",
    /the GPU was lost.*--backend onnx/,
  ],
  [
    "WebGPU validation failed. Buffer size (1258291200) exceeds the max buffer size limit (1073741824).\n - While validating",
    /the GPU cannot hold a tensor of this size.*smaller batch/,
  ],
  [
    "WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error.",
    /the GPU cannot hold a tensor of this size/,
  ],
  ["CUDA failure 2: out of memory ; GPU=0 ; hostname=a ; file=b", /GPU's memory is too small/],
  [
    "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=a",
    /GPU's memory is too small/,
  ],
  ["CUDA failure 719: unspecified launch failure ; GPU=0 ; hostname=a", /the GPU failed/],
  ["Failed to allocate memory for requested buffer of size 4096\nmore", /^Failed to allocate.*96$/],
] as const;

describe("the failure of a machine", () => {
  test.each(cases)("is told from %j", (message, says) => {
    expect(machineFailure(message)).toMatch(says);
    expect(machineFailure(message)).not.toMatch(/\n/);
  });

  test.each([
    "Non-zero status code returned while running Conv node. Name:'3 Conv2D in stem'",
    "Invalid rank for input: v0 Got: 3 Expected: 4",
  ])("is not seen in %j", (message) => {
    expect(machineFailure(message)).toBeUndefined();
  });
});
