import type { Network } from "../architectures/architecture.js";
import { UserError } from "../core/errors.js";
import type { OptionValue } from "../core/options.js";
import { expandGrid, formatOptions, parseEntry } from "../core/options.js";
import { fold, keyOf } from "../core/random.js";
import { optionNames, parseOptions } from "../core/schema.js";
import { formatShape } from "../core/shape.js";
import { didYouMean } from "../core/suggest.js";
import type { Dataset } from "../data/dataset.js";
import { parseDataArgument } from "../data/parts/open.js";
import { chosenBackend } from "../engine/backends/choose.js";
import type { Entries } from "./catalogue.js";
import { load } from "./catalogue.js";
import { commandOf } from "./command.js";
import type { Experiment, Member } from "./experiment.js";
import { labelOf } from "./experiment.js";
import type { Spec } from "./spec.js";
import { resolvePath, seedsOf } from "./spec.js";

type Options = Readonly<Record<string, OptionValue>>;

/** What surrounds a spec: the folder that paths start from, and whether everything is shrunk. */
export interface Surroundings {
  readonly folder: string;
  readonly quick: boolean;
}

/** An architecture with the options that were set, before the data is known. */
interface Request {
  readonly architecture: string;
  readonly options: Options;
}

function requestsOf(spec: Spec): readonly Request[] {
  return spec.architectures.flatMap((given) => {
    const { name, options } = typeof given === "string" ? parseEntry(given) : given;
    return expandGrid(options).map((point) => ({ architecture: name, options: point }));
  });
}

/**
 * The options behind `preset=NAME`. Throws `UserError` when the family has no preset of that name.
 */
function presetOf(entry: Entries["architectures"], options: Options, where: string): Options {
  const { preset } = options;
  if (preset === undefined) return {};
  const found = entry.presets[String(preset)];
  if (found !== undefined) return found as Options;
  const known = Object.keys(entry.presets);
  const hint = didYouMean(String(preset), known);
  throw new UserError(
    `${where}: option "preset" is "${preset}"${hint}; allowed: ${known.join(", ")}`,
  );
}

/** Builds one network; `fromData` fills in what the data says where the options do not. */
async function build(request: Request, fromData: Options, quick: boolean): Promise<Member> {
  const { architecture, options } = request;
  const entry = await load("architectures", architecture);
  const where = labelOf(architecture, formatOptions(options));
  const { preset: _, ...own } = options;
  const known = optionNames(entry.options);
  const said = Object.fromEntries(
    Object.entries(fromData).filter(([name]) => known.includes(name)),
  );
  const asked = { ...presetOf(entry, options, where), ...own };
  // A quick run shrinks what was asked for, but the images stay as large as they are.
  const merged = quick ? { ...asked, ...(entry.quick as Options), ...said } : { ...said, ...asked };
  const resolved = parseOptions(entry.options, merged, where);
  const network = entry.build(resolved);
  const set = formatOptions(options);
  return { architecture, options: set, label: labelOf(architecture, set), resolved, network };
}

/** One network from `ARCH:key=value,...`, without data. Throws `UserError` when it names a grid. */
export async function buildOne(text: string): Promise<Member> {
  const { name, options } = parseEntry(text);
  const [point, ...more] = expandGrid(options);
  if (point === undefined || more.length > 0) {
    throw new UserError(`${text}: names ${more.length + 1} networks; one is needed`);
  }
  return build({ architecture: name, options: point }, {}, false);
}

function optionsFromData(dataset: Dataset): Options {
  const [size = 1, , channels = 1] = dataset.shape;
  return { size, channels, classes: dataset.classes };
}

function checkFits(member: Member, dataset: Dataset, data: string): void {
  const { network, label } = member;
  if (formatShape(network.inShape) !== formatShape(dataset.shape)) {
    throw new UserError(
      `${label}: takes ${formatShape(network.inShape)} inputs, ${data} has ${formatShape(dataset.shape)}`,
    );
  }
  if (network.classes < dataset.classes) {
    throw new UserError(`${label}: has ${network.classes} classes, ${data} has ${dataset.classes}`);
  }
}

function distinct(members: readonly Member[]): readonly Member[] {
  const seen = new Map(members.map((member) => [member.label, member]));
  return [...seen.values()];
}

/** Opens the data a spec names, at the shape that `network` takes where the data is synthetic. */
export async function openData(
  data: string,
  network: Pick<Network, "inShape" | "classes">,
  count: number,
  folder: string,
): Promise<Dataset> {
  const { name, argument } = parseDataArgument(data);
  const reader = await load("data", name);
  return reader.load({
    argument,
    folder,
    shape: network.inShape,
    classes: network.classes,
    key: fold(keyOf(0), "data"),
    count,
  });
}

/**
 * Looks up every name, checks every option, opens the data and builds the networks (without
 * weights). Throws `UserError` on anything a user can mend.
 */
export async function resolveExperiment(given: Spec, around: Surroundings): Promise<Experiment> {
  const backend = chosenBackend(given.backend);
  const spec = { ...given, backend };
  const measurement = await load("analyses", spec.analysis);
  const shrunk = around.quick ? { ...spec.settings, ...measurement.quick } : spec.settings;
  const settings = parseOptions(measurement.options, shrunk, spec.analysis);
  const seeds = seedsOf(spec);
  const requests = requestsOf(spec);
  const first = await build(requests[0]!, {}, around.quick);
  const batch = around.quick ? Math.min(spec.batch, 8) : spec.batch;
  const dataset = await openData(spec.data, first.network, batch * seeds.length, around.folder);
  if (batch > dataset.count) {
    throw new UserError(`batch ${batch}: ${spec.data} has ${dataset.count} images`);
  }
  const fromData = optionsFromData(dataset);
  const members: Member[] = [];
  for (const request of requests) members.push(await build(request, fromData, around.quick));
  for (const member of members) checkFits(member, dataset, spec.data);
  return {
    title: spec.title ?? measurement.title,
    question: spec.question ?? measurement.question,
    note: spec.note,
    analysis: spec.analysis,
    measurement,
    settings,
    members: distinct(members),
    data: { name: spec.data, dataset },
    batch,
    seeds,
    backend,
    weights: spec.weights === undefined ? undefined : resolvePath(spec.weights, around.folder),
    command: commandOf(spec, around.quick),
  };
}
