import { recordStack, type StackRecording } from "../graph/index.ts";
import { stableJson } from "../configs/json.ts";
import {
  checkedStack,
  commandArguments,
  helpOption,
  setOption,
  settingsFromArguments,
  stackOption,
} from "./arguments.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { writePlanFiles } from "./plan-files.ts";
import { planNotes } from "./plan-notes.ts";
import { planTree, totals } from "./plan-tree.ts";
import { styleFor, wrapped } from "./terminal.ts";

const help = `npm run plan -- [--stack dev] [--set a.b=c]… [--json] [--out DIR]

Shows what a deployment would create, without engine, Docker, cluster or network.

  --stack NAME   the settings in Pulumi.NAME.yaml (default dev)
  --set a.b=c    a setting on top of them, as pulumi config set --path takes it; may be repeated
  --json         the graph as JSON, and nothing else, on stdout; with npm run --silent, so that npm adds nothing
  --out DIR      also writes the rendered configuration of all systems there

Exit codes: 0 shown, 2 invalid settings or arguments, 1 anything else.
`;

/** The offline plan of a stack. */
export async function plan(args: readonly string[], stdout: NodeJS.WriteStream): Promise<number> {
  const options = commandArguments(args, {
    ...stackOption,
    ...setOption,
    ...helpOption,
    json: { type: "boolean", default: false },
    out: { type: "string" },
  });
  if (options.help) {
    stdout.write(help);
    return exitCodes.ok;
  }
  const recording = await recorded(checkedStack(options.stack), settingsFromArguments(options.set));
  stdout.write(options.json ? `${planJson(recording)}\n` : planText(recording, stdout));
  if (options.out !== undefined) {
    const files = writePlanFiles(options.out, recording);
    if (!options.json) stdout.write(`\n${String(files.length)} files written to ${options.out}\n`);
  }
  return exitCodes.ok;
}

async function recorded(stack: string, set: Record<string, string>): Promise<StackRecording> {
  try {
    return await recordStack({ stack, set, allowMissingSecrets: true });
  } catch (error) {
    // a missing stack file or a malformed path
    if (error instanceof Error && error.constructor === Error) throw new UserError(error.message);
    throw error;
  }
}

/** Keys in the order of the documentation, resources by URN: the same settings give the same bytes. */
function planJson(recording: StackRecording): string {
  const resources = recording.graph.nodes.map(
    ({ urn, type, name, parent, custom, inputs, dependencies, provider, protect, retainOnDelete }) => ({
      urn,
      type,
      name,
      parent: parent ?? null,
      custom,
      inputs: sortedKeys(inputs),
      dependencies,
      provider,
      protect,
      retainOnDelete,
    }),
  );
  const { stack, graph } = recording;
  return JSON.stringify({ stack, resources, outputs: sortedKeys(graph.outputs), notes: planNotes(recording) }, null, 2);
}

const sortedKeys = (value: unknown): unknown => JSON.parse(stableJson(value)) as unknown;

function planText(recording: StackRecording, stdout: NodeJS.WriteStream): string {
  const style = styleFor(stdout);
  const width = Math.max(60, Math.min(stdout.isTTY ? stdout.columns : 100, 120));
  const notes = planNotes(recording).map((note) => `  • ${wrapped(note, width - 4, "    ")}`);
  return [
    style.bold(`Plan of stack ${recording.stack}`),
    wrapped(totals(recording), width, ""),
    "",
    ...planTree(recording.graph, style, width),
    "",
    style.bold("Notes"),
    ...notes,
    "",
  ].join("\n");
}

if (import.meta.main) await main(() => plan(process.argv.slice(2), process.stdout));
