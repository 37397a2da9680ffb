import { stableJson } from "../configs/json.ts";
import type { Settings } from "../configs/settings/settings.ts";
import { recordStack, type StackRecording } from "../graph/index.ts";
import {
  checkedStack,
  commandArguments,
  helpOption,
  setOption,
  settingsFromArguments,
  stackOption,
} from "./arguments.ts";
import { dockerPlan } from "./docker/plan.ts";
import { exitCodes, main, UserError } from "./exit.ts";
import { kubernetesPlan } from "./kubernetes/plan.ts";
import { configurationFiles, writeFiles } from "./plan-files.ts";
import { planTree } from "./plan-tree.ts";
import type { PlanView } from "./plan-view.ts";
import { styleFor, wrapped, widthOf } from "./terminal.ts";

const help = `npm run plan -- [--stack dev] [--set a.b=c]… [--json] [--out DIR]

Shows what a deployment would create, without engine, Docker, cluster or network.

  --stack NAME   the settings in Pulumi.NAME.yaml (default dev)
  --set a.b=c    a setting on top of them, as pulumi config set --path takes it; may be repeated
  --json         the graph as JSON, and nothing else, on stdout; with npm run --silent, so that npm adds nothing
  --out DIR      also writes the rendered configuration of all systems there, and for Kubernetes, in DIR/manifests,
                 one YAML file for each object in the order in which they are applied, without any secret

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
    const files = configurationFiles(recording);
    writeFiles(options.out, files);
    const count = Object.keys(files).length + viewOf(recording).write(options.out, recording).length;
    if (!options.json) stdout.write(`\n${String(count)} files written to ${options.out}\n`);
  }
  return exitCodes.ok;
}

const views: Readonly<Record<Settings["platform"], PlanView>> = { docker: dockerPlan, kubernetes: kubernetesPlan };

const viewOf = ({ configuration }: StackRecording): PlanView => views[configuration.settings.platform];

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
  const notes = viewOf(recording).notes(recording);
  return JSON.stringify({ stack, resources, outputs: sortedKeys(graph.outputs), notes }, null, 2);
}

const sortedKeys = (value: unknown): unknown => JSON.parse(stableJson(value)) as unknown;

function planText(recording: StackRecording, stdout: NodeJS.WriteStream): string {
  const style = styleFor(stdout);
  const width = Math.max(60, Math.min(widthOf(stdout), 120));
  const view = viewOf(recording);
  const notes = view.notes(recording).map((note) => `  • ${wrapped(note, width - 4, "    ")}`);
  return [
    style.bold(`Plan of stack ${recording.stack}`),
    wrapped(view.totals(recording).join(", "), width, ""),
    "",
    ...planTree(recording.graph, view.facts, style, width),
    "",
    style.bold("Notes"),
    ...notes,
    "",
  ].join("\n");
}

if (import.meta.main) await main(() => plan(process.argv.slice(2), process.stdout));
