import type { Json } from "../core/json.js";
import type { Options, ReportNetwork, ReportRun } from "./input.js";
import { formatCell } from "./numbers.js";

function formatOption(value: Json): string {
  return value === null ? "none" : formatCell(value);
}

/** `depth=50, init=brock`, in the order the options were declared. */
export function formatOptions(options: Options): string {
  const pairs = Object.entries(options).map(([name, value]) => `${name}=${formatOption(value)}`);
  return pairs.length === 0 ? "no options" : pairs.join(", ");
}

/** `cpu (tfjs-core 4.22.0)`. */
function formatBackend({ name, versions }: ReportRun["backend"]): string {
  const list = Object.entries(versions).map(([part, version]) => `${part} ${version}`);
  return list.length === 0 ? name : `${name} (${list.join(", ")})`;
}

function describeNetwork({ name, options, notes }: ReportNetwork): string {
  return [`${name}: ${formatOptions(options)}`, ...notes].join(". ");
}

/** Everything beside the command that is needed to run it again, as pairs of a name and a value. */
export function runFacts(run: ReportRun): readonly (readonly [name: string, value: string])[] {
  const { seeds, data, backend, analysis, version, networks } = run;
  return [
    ["Analysis", `${analysis.name}: ${formatOptions(analysis.options)}`],
    ["Seeds", seeds.join(", ")],
    ["Data", `${data.name}, batch of ${data.batch}`],
    ["Normalisation", data.normalisation],
    ["Hash of the batch", data.hash],
    ["Backend", formatBackend(backend)],
    ["isoscope", version],
    ...networks.map((network): [string, string] => [network.label, describeNetwork(network)]),
  ];
}

/** The run in one line, for the head of the page. */
export function runLine({ networks, seeds, data, backend, version }: ReportRun): string {
  const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  return [
    count(networks.length, "network"),
    count(seeds.length, "seed"),
    `${data.name}, batch of ${data.batch}`,
    `backend ${backend.name}`,
    `isoscope ${version}`,
  ].join(" · ");
}
