import { describe, expect, it } from "vitest";
import {
  busySeconds,
  foreignShare,
  peakMegabytes,
  peakOf,
  processSeconds,
  usageNow,
} from "../../bench/processor.js";
import { hasProgram } from "../support/programs.js";

describe("what /proc tells", () => {
  it("counts everything but idle and waiting, stolen time too", () => {
    const text = "cpu  100 20 30 4000 500 6 7 80 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n";
    expect(busySeconds(text)).toBeCloseTo((100 + 20 + 30 + 6 + 7 + 80) / 100, 12);
  });

  it("finds a process's time behind a name with brackets and spaces", () => {
    const fields = ["S", ...Array.from({ length: 10 }, () => "9"), "123", "45", "7", "7"];
    expect(processSeconds(`321 (a) b (c)) ${fields.join(" ")}`)).toBeCloseTo(1.68, 12);
  });

  it("reads the peak of memory in MB of a million bytes", () => {
    expect(peakMegabytes("Name:\tnode\nVmHWM:\t  250000 kB\nVmRSS:\t 9 kB\n")).toBe(256);
    expect(peakMegabytes("Name:\tnode\n")).toBeNull();
  });

  it("is null for a process that is not there", () => {
    const none = 2 ** 30;
    expect(usageNow([none])).toBeNull();
    expect(peakOf(none)).toBeNull();
  });

  // Everything above needs no such machine; what follows asks the one it runs on.
  it.runIf(hasProgram("/proc/self/exe"))("counts this very process", () => {
    const usage = usageNow([process.pid])!;
    expect(usage.own).toBeGreaterThan(0);
    expect(usage.busy).toBeGreaterThan(usage.own);
    expect(peakOf(process.pid)).toBeGreaterThan(10);
  });
});

describe("the share of others", () => {
  const at = (time: number, busy: number, own: number) => ({ at: time, busy, own });

  it("is what nobody of us used, less two ticks of rounding", () => {
    const share = foreignShare(at(10, 100, 50), at(12, 103.5, 52.4), 2);
    expect(share).toBeCloseTo((3.5 - 2.4 - 0.02) / (2 * 2), 12);
  });

  it("is zero when rounding says that we used more than there was", () => {
    expect(foreignShare(at(10, 100, 50), at(11, 101.9, 52), 2)).toBe(0);
  });
});
