import { UserError } from "../core/errors.js";
import { z } from "../core/schema.js";
import type { Experiment, Member } from "./experiment.js";

const scalars = z.record(z.string(), z.unknown());

const recordSchema = z.object({
  schemaVersion: z.literal(1),
  isoscope: z.string(),
  title: z.string(),
  question: z.string(),
  note: z.string().optional(),
  command: z.string(),
  analysis: z.string(),
  settings: scalars,
  networks: z.array(
    z.object({
      architecture: z.string(),
      options: z.string(),
      label: z.string(),
      resolved: scalars,
      notes: z.array(z.string()),
    }),
  ),
  data: z.object({
    name: z.string(),
    count: z.number(),
    shape: z.array(z.number()),
    normalisation: z.string(),
    hash: z.string(),
    batch: z.number(),
  }),
  seeds: z.array(z.number()),
  weights: z.string().optional(),
  backend: z.object({ name: z.string(), versions: z.record(z.string(), z.string()) }),
});

/** `experiment.json`: everything that was decided before the first number was measured. */
export type ExperimentRecord = z.infer<typeof recordSchema>;

function networkRecord({ architecture, options, label, resolved, network }: Member) {
  return {
    architecture,
    options,
    label,
    resolved: { ...resolved },
    notes: [...(network.notes ?? [])],
  };
}

/** The record of an experiment; equal experiments give equal records. */
export function recordOf(
  experiment: Experiment,
  version: string,
  versions: Readonly<Record<string, string>>,
): ExperimentRecord {
  const { title, question, note, command, analysis, settings, weights, data, batch } = experiment;
  const { count, shape, normalisation, hash } = data.dataset;
  return {
    schemaVersion: 1,
    isoscope: version,
    title,
    question,
    ...(note === undefined ? {} : { note }),
    command,
    analysis,
    settings: { ...settings },
    networks: experiment.members.map(networkRecord),
    data: { name: data.name, count, shape: [...shape], normalisation, hash, batch },
    seeds: [...experiment.seeds],
    ...(weights === undefined ? {} : { weights }),
    backend: { name: experiment.backend, versions: { ...versions } },
  };
}

/** Checks a record read from a file. Throws `UserError` naming the file and the field. */
export function parseRecord(raw: unknown, where: string): ExperimentRecord {
  const result = recordSchema.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UserError(`${where}: ${issue?.path.join(".")}: ${issue?.message}`);
}
