import { describe, expect, it } from "vitest";
import { diagnose } from "../../../src/cli/setup/diagnosis.js";
import { exitCodes } from "../../../src/core/errors.js";

const pip = `WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError': Failed to establish a new connection: [Errno -3] Temporary failure in name resolution
ERROR: Could not find a version that satisfies the requirement x==1 (from versions: none)
ERROR: No matching distribution found for x==1
`;

const npm = `npm error code ENOTFOUND
npm error network request to x failed
npm error A complete log of this run can be found in: /x.log
`;

const said = (err: string, out = "") => {
  const { message, exitCode } = diagnose("the download", { found: true, code: 1, out, err });
  expect(exitCode).toBe(exitCodes.machine);
  expect(message).not.toContain("\n");
  expect(message).toMatch(/^setup: the download failed: /);
  return message;
};

describe("diagnose", () => {
  it.each([pip, npm, "gyp ERR! stack FetchError: getaddrinfo EAI_AGAIN"])(
    "knows a network that does not answer, whoever says it",
    (text) => {
      expect(said(text)).toMatch(/cannot be reached; check the network/);
    },
  );

  it.each([
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "npm error ENOSPC: no space left on device, write",
  ])("knows a full disk: %s", (text) => {
    expect(said(text)).toMatch(/the disk is full$/);
  });

  it("gives the last error otherwise, without its prefix", () => {
    const text = "ERROR: first\nERROR: No matching distribution found for x==1\n";
    expect(said(text)).toMatch(/failed: No matching distribution found for x==1$/);
    expect(said("gyp ERR! build error\ngyp ERR! not ok\n")).toMatch(/failed: build error$/);
  });

  it("gives a compiler's first complaint", () => {
    const compiler =
      "a.cc:3:1: error: no such thing\nb.cc:1:1: error: more\nmake: *** [a.o] Error 1";
    expect(said("gyp ERR! build error\n", compiler)).toMatch(/a\.cc:3:1: error: no such thing$/);
  });

  it("says so when the program said nothing", () => {
    expect(said("")).toMatch(/it said nothing$/);
  });
});
