import { describe, expect, it } from "vitest";
import {
  exitCodes,
  IsoscopeError,
  MachineError,
  messageOf,
  StoppedError,
  UserError,
} from "../../src/core/errors.js";
import { checkStop } from "../../src/core/stop.js";

describe("errors", () => {
  it.each([
    [new UserError("a"), 2, "UserError"],
    [new MachineError("a"), 5, "MachineError"],
    [new StoppedError("a"), 75, "StoppedError"],
  ])("%s carries its exit code", (error, code, name) => {
    expect(error).toBeInstanceOf(IsoscopeError);
    expect(error.exitCode).toBe(code);
    expect(String(error)).toBe(`${name}: a`);
  });

  it("gives every outcome its own exit code", () => {
    const codes = Object.values(exitCodes);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("reads the text of whatever was thrown", () => {
    expect(messageOf(new Error("broken"))).toBe("broken");
    expect(messageOf(3)).toBe("3");
    expect(messageOf(undefined)).toBe("undefined");
  });
});

describe("checkStop", () => {
  it("throws only once the signal was raised", () => {
    const controller = new AbortController();
    expect(() => checkStop(undefined)).not.toThrow();
    expect(() => checkStop(controller.signal)).not.toThrow();
    controller.abort();
    expect(() => checkStop(controller.signal)).toThrow(StoppedError);
  });
});
