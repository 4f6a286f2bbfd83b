import { z } from "../core/schema.js";
import { load, names } from "./catalogue.js";

/** An option of an analysis as help shows it. */
export interface OptionSummary {
  readonly allowed: string;
  readonly default: string | undefined;
}

/** What a command line needs to know of an analysis before it is loaded. */
export interface AnalysisSummary {
  readonly name: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, OptionSummary>>;
}

interface Property {
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly default?: unknown;
}

function optionSummary(property: Property): OptionSummary {
  const allowed = property.enum?.map(String).join(" | ") ?? property.type ?? "value";
  const given = property.default;
  return { allowed, default: given === undefined ? undefined : String(given) };
}

/** Summaries of every analysis, by loading each; the build writes them to a file for help. */
export async function analysisSummaries(): Promise<readonly AnalysisSummary[]> {
  return Promise.all(
    names("analyses").map(async (name) => {
      const { summary, options } = await load("analyses", name);
      const { properties = {} } = z.toJSONSchema(options, { io: "input" }) as {
        properties?: Record<string, Property>;
      };
      const entries = Object.entries(properties).map(([key, value]) => [key, optionSummary(value)]);
      return { name, summary, options: Object.fromEntries(entries) };
    }),
  );
}
