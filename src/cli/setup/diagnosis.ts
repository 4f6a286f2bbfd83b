import type { MachineError } from "../../core/errors.js";
import type { Outcome } from "./program.js";
import { failure } from "./work.js";

/** Words by which pip, npm and node-gyp say that nobody answers. */
const noNetwork =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|name resolution|Name or service not known|Network is unreachable|Connection refused|ConnectTimeout|ReadTimeout|timed out|ProxyError|NewConnectionError|getaddrinfo/i;

const noSpace = /ENOSPC|No space left on device|EDQUOT|Disk quota exceeded/i;

/** Lines of errors that tell nothing: where a log lies, what was called, that it went wrong. */
const empty = /debug log|log of this run|ERR! (not ok|cwd|node|System|command|stack {5}at)/i;

/** What a compiler complains about first, else the last line that names an error. */
function tellingLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const compiler = lines.find((line) => /^\S+:\d+(:\d+)?: (fatal )?error: /.test(line));
  const errors = lines.filter((line) => /\berror\b|ERR!/i.test(line) && !empty.test(line));
  const anything = lines.filter((line) => line !== "");
  const line = compiler ?? errors.at(-1) ?? anything.at(-1) ?? "it said nothing";
  return line.replace(/^(npm error|npm ERR!|gyp ERR!|ERROR:)\s*/i, "");
}

/** One line on why a program that was to do `what` failed. */
export function diagnose(what: string, { out, err }: Outcome): MachineError {
  const text = `${out}\n${err}`;
  if (noSpace.test(text)) return failure(`${what} failed: the disk is full`);
  if (noNetwork.test(text)) {
    return failure(
      `${what} failed: the package index cannot be reached; check the network, the proxy and the configuration of pip and npm`,
    );
  }
  return failure(`${what} failed: ${tellingLine(text)}`);
}
