import { type Outcome, runProgram } from "./program.js";
import { failure, type Work } from "./work.js";

/** How a missing program is had on the most common system. */
const packageOf: Readonly<Record<string, string>> = {
  python3: "python3",
  make: "make",
  "g++": "g++",
  npm: "npm",
};

async function answers(command: string, words: readonly string[], work: Work): Promise<Outcome> {
  const outcome = await runProgram(command, words, work);
  if (outcome.found) return outcome;
  const name = packageOf[command] ?? command;
  throw failure(
    `${command} is not on the PATH; install it (Debian, Ubuntu: apt-get install ${name})`,
  );
}

/** Throws `MachineError` unless python3 with pip is there. */
export async function needPip(work: Work): Promise<void> {
  await answers("python3", ["--version"], work);
  const pip = await runProgram("python3", ["-m", "pip", "--version"], work);
  if (pip.code === 0) return;
  throw failure("python3 has no pip; install it (Debian, Ubuntu: apt-get install python3-pip)");
}

/** Throws `MachineError` unless make and a C++ compiler are there. */
export async function needCompiler(work: Work): Promise<void> {
  await answers("make", ["--version"], work);
  const compiler = process.env["CXX"];
  await answers(compiler === undefined || compiler === "" ? "g++" : compiler, ["--version"], work);
}

/** Throws `MachineError` unless npm is there. */
export async function needNpm(work: Work): Promise<void> {
  await answers("npm", ["--version"], work);
}

/** Version of the GNU C library, undefined on systems with another one. */
function glibc(): string | undefined {
  const report = process.report?.getReport() as
    | { readonly header?: { readonly glibcVersionRuntime?: string } }
    | undefined;
  return report?.header?.glibcVersionRuntime;
}

function atLeast(version: string, least: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > least[0] || (major === least[0] && minor >= least[1]);
}

/** The machine as the wheels see it. */
export interface Platform {
  readonly system: string;
  readonly architecture: string;
  readonly glibc: string | undefined;
}

/** This machine. */
export function thisPlatform(): Platform {
  return { system: process.platform, architecture: process.arch, glibc: glibc() };
}

/** Throws `MachineError` on machines that the wheels do not run on. */
export function needPlatform(
  what: string,
  least: readonly [number, number],
  { system, architecture, glibc }: Platform = thisPlatform(),
): void {
  const wanted = `Linux x64 with glibc ${least.join(".")} or newer`;
  if (system !== "linux" || architecture !== "x64") {
    throw failure(`${what} needs ${wanted}; this machine is ${system} ${architecture}`);
  }
  if (glibc === undefined || !atLeast(glibc, least)) {
    throw failure(
      `${what} needs ${wanted}; this machine has ${glibc === undefined ? "none" : `glibc ${glibc}`}`,
    );
  }
}
