import yargs from "yargs";
import { UserError } from "../core/errors.js";
import { didYouMean } from "../core/suggest.js";
import type { Arguments, Command, Flag } from "./command.js";

/** Options of every command. */
export const globalFlags: Readonly<Record<string, Flag>> = {
  json: { type: "boolean", describe: "print one JSON document on stdout" },
  quiet: { type: "boolean", describe: "no progress and no notes on stderr" },
  "no-color": { type: "boolean", describe: "no colours, as NO_COLOR=1" },
};

/** What came out of a command line: a command to run, or help that was already printed. */
export type Parsed =
  | { readonly kind: "run"; readonly command: Command; readonly given: Arguments }
  | { readonly kind: "done" };

type Values = Readonly<Record<string, unknown>>;

function yargsOption(flag: Flag) {
  return {
    type: flag.type === "list" ? ("array" as const) : flag.type,
    describe: flag.describe,
    ...(flag.type === "boolean" ? {} : { requiresArg: true }),
    ...(flag.type === "list" ? { string: true as const } : {}),
    ...(flag.default === undefined ? {} : { defaultDescription: flag.default }),
  };
}

function yargsOptions(flags: Readonly<Record<string, Flag>>) {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, yargsOption(flag)]));
}

function checkFlags(command: Command, values: Values): void {
  const flags = { ...command.flags, ...globalFlags };
  const known = Object.keys(flags);
  const own = ["_", "$0", "help", "h", "version"];
  for (const [name, value] of Object.entries(values)) {
    if (own.includes(name) || value === undefined) continue;
    const flag = flags[name];
    if (flag === undefined) {
      throw new UserError(
        `unknown option --${name}${didYouMean(name, known)}; see isoscope ${command.name} --help`,
      );
    }
    if (flag.choices !== undefined && !flag.choices.includes(String(value))) {
      const hint = didYouMean(String(value), flag.choices);
      throw new UserError(`--${name} ${value}${hint}; allowed: ${flag.choices.join(", ")}`);
    }
  }
}

function argumentsOf(command: Command, values: Values): Arguments {
  checkFlags(command, values);
  const words = values["_"];
  const positionals = Array.isArray(words) ? words.slice(1).map(String) : [];
  const list = (flag: string) => {
    const value = values[flag];
    return Array.isArray(value) ? value.map(String) : [];
  };
  return {
    positionals,
    list,
    text: (flag) => (values[flag] === undefined ? undefined : String(values[flag])),
    on: (flag) => values[flag] === true,
  };
}

function bare(argv: readonly string[], version: string) {
  return yargs([...argv])
    .scriptName("isoscope")
    .parserConfiguration({
      "duplicate-arguments-array": false,
      "greedy-arrays": false,
      "camel-case-expansion": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "dot-notation": false,
      "boolean-negation": false,
    })
    .options(yargsOptions(globalFlags))
    .help("help", "show help")
    .alias("h", "help")
    .version(version)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      // What yargs itself refuses (its errors are of that name) is the user's to mend; all else
      // passes.
      if (error && error.name !== "YError") throw error;
      throw new UserError((message ?? error?.message ?? "").split("\n")[0] ?? "");
    });
}

/** Examples stand before the options, each line as it is typed. */
function examplesText(examples: Command["examples"]): string {
  const lines = examples.map(([line, does]) => `# ${does}\n$ ${line}`);
  return ["Examples:", ...lines].join("\n");
}

const usage = `isoscope shows how signals travel through deep networks.

  isoscope <command> [architecture[:key=value,...] ...] [options]`;

const firstExamples: Command["examples"] = [
  ["isoscope spp isonet:depth=56 resnet:depth=56,skip=false", "two networks, one report"],
  ["isoscope spp 'convshort:depth=50,init=[ours,brock]' --seeds 5", "a grid of options"],
  ["isoscope describe fixup:depth=56", "layers, parameters, MACs"],
  ["isoscope list architectures", "what there is"],
];

/** Suggests architecture names while the user types. */
export type Complete = (current: string) => readonly string[];

type Completed = (error: Error | null, completions: string[] | undefined) => unknown;
type Completer = (
  current: string,
  argv: unknown,
  filter: (onCompleted?: Completed) => unknown,
  done: (completions: string[]) => unknown,
) => void;

/** What yargs offers (commands, options), and our names behind it. */
function completer(complete: Complete): Completer {
  return (current, _argv, filter, done) => {
    filter((_error, offered) => done([...(offered ?? []), ...complete(current)]));
  };
}

function withCommands(
  argv: readonly string[],
  commands: readonly Command[],
  version: string,
  choose: (command: Command, values: Values) => void,
) {
  const start = bare(argv, version).usage(`${usage}\n\n${examplesText(firstExamples)}`);
  return commands.reduce(
    (y, command) =>
      y.command({
        command: command.name,
        describe: command.summary,
        builder: (inner) =>
          inner
            .usage(
              `isoscope ${command.name} ${command.usage}\n\n${command.summary}\n\n${examplesText(command.examples)}`,
            )
            .options(yargsOptions(command.flags)),
        handler: (values) => choose(command, values),
      }),
    start,
  );
}

function checkCommand(argv: readonly string[], commands: readonly Command[]): void {
  const first = argv[0];
  if (first === undefined || first.startsWith("-")) return;
  const known = [...commands.map((command) => command.name), "completion"];
  if (known.includes(first)) return;
  throw new UserError(
    `unknown command "${first}"${didYouMean(first, known)}; known: ${known.join(", ")}`,
  );
}

/**
 * Reads a command line. Prints help, the version or the completion script itself.
 * Throws `UserError` on an unknown command or option.
 */
export async function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  version: string,
  complete: Complete,
): Promise<Parsed> {
  checkCommand(argv, commands);
  const chosen: { command: Command; values: Values }[] = [];
  const program = withCommands(argv, commands, version, (command, values) => {
    chosen.push({ command, values });
  }).completion("completion", "print a completion script for bash or zsh", completer(complete));
  await program.parseAsync();
  const [found] = chosen;
  if (found === undefined) return { kind: "done" };
  return { kind: "run", command: found.command, given: argumentsOf(found.command, found.values) };
}
