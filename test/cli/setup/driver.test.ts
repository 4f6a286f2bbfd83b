import { expect, it } from "vitest";
import { driverVersion } from "../../../src/cli/setup/driver.js";

it.each([
  [
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024",
    535.183,
  ],
  ["NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build", 580.65],
  ["GCC version:  gcc version 12.2.0", undefined],
])("the version of NVIDIA's driver is read from %j", (text, version) => {
  expect(driverVersion(text)).toBe(version);
});
