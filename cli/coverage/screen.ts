import { aligned, some, wrapped, type Style } from "../terminal.ts";
import type { Coverage, PackCoverage, ServiceCoverage, State } from "./coverage.ts";
import type { Finding } from "./findings.ts";

/** Coverage for people. */

export interface Shown {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
  /** How many findings are shown. */
  readonly most: number;
}

export function screen(coverage: Coverage, { style, width, most }: Shown): string {
  const { packs, services, findings } = coverage;
  const mine = findings.filter(({ waiting }) => !waiting);
  const waiting = findings.filter((finding) => finding.waiting);
  const titles = new Map(coverage.judged.map(({ dependent: { id, title } }) => [id, title]));
  const shown = mine.slice(0, most).map((finding, index) => findingText(finding, index + 1, { style, width, titles }));
  const rest = mine.length - shown.length;
  return [
    headline(coverage, style),
    `${style.bold("Packs")}\n${packLines(packs, style).join("\n")}`,
    ...(services.length === 0 ? [] : [`${style.bold("Services")}\n${serviceLines(services, width).join("\n")}`]),
    ...(shown.length === 0 ? [] : [`${style.bold("What is missing")}\n${shown.join("\n")}`]),
    ...(rest > 0 ? [`${String(rest)} more: --all shows them.`] : []),
    ...(waiting.length === 0
      ? []
      : [
          wrapped(
            `${String(waiting.length)} wait for a first failure or the like: ${some(waiting.map(nameOf))}.`,
            width,
            "",
          ),
        ]),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function headline({ score, judged }: Coverage, style: Style): string {
  const count = (state: State) => judged.filter((one) => one.state === state).length;
  const words = `${String(count("fed"))} of ${String(judged.length)} panels and rules are fed`;
  const waiting = count("waiting") === 0 ? "" : `, ${String(count("waiting"))} wait for a first failure`;
  const percent = `${String(score)} %`;
  return `${score === 100 ? style.good(percent) : style.bold(percent)}  ${words}${waiting}.`;
}

function packLines(packs: readonly PackCoverage[], style: Style): string[] {
  const fed = (counts: Readonly<Record<State, number>>) => {
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return all === 0 ? "–" : `${String(counts.fed + counts.waiting)} of ${String(all)}`;
  };
  const rows = packs.map(({ name, metrics, panels, rules }) => [
    name,
    metrics.all === 0 ? "–" : `${String(metrics.arrived)} of ${String(metrics.all)}`,
    fed(panels),
    fed(rules),
  ]);
  const lines = aligned([["", "metrics", "panels", "rules"], ...rows], { gap: "   " });
  return lines.map((line, index) => (index === 0 ? style.dim(`  ${line}`) : `  ${line}`));
}

function serviceLines(services: readonly ServiceCoverage[], width: number): string[] {
  const longest = Math.min(32, Math.max(...services.map(({ service }) => service.length)));
  return services.map(({ service, packs, spans, logRecords }) => {
    const metrics = Object.entries(packs).map(([pack, count]) => `${pack} ${String(count)}`);
    const all = [...metrics, ...(spans ? ["spans"] : []), ...(logRecords ? ["log records"] : [])];
    const words = all.length === 0 ? "nothing that is read here" : all.join(", ");
    return `  ${service.padEnd(longest)}  ${wrapped(words, width - longest - 4, " ".repeat(longest + 4))}`;
  });
}

const nameOf = ({ metric, label }: Finding): string => (label === undefined ? metric : `${metric} (${label})`);

interface Words extends Omit<Shown, "most"> {
  /** Of panels, by id. */
  readonly titles: ReadonlyMap<string, string>;
}

function findingText(finding: Finding, number: number, { style, width, titles }: Words): string {
  const { what, metric, label, evidence, services, panels, rules, remedy, lines } = finding;
  const subject = label === undefined ? metric : `${metric}, label ${label}`;
  const where = services.length === 0 ? "" : ` in ${some(services)}`;
  const affected = [
    ...(panels.length === 0 ? [] : [`panels ${some(panels.map((id) => titles.get(id) ?? id))}`]),
    ...(rules.length === 0 ? [] : [`rules ${some(rules)}`]),
  ];
  const block = (text: string) => `     ${wrapped(text, width - 5, "     ")}`;
  return [
    `${`${String(number)}.`.padStart(4)} ${style.bold(subject)}: ${style.warn(what)}`,
    block(`${evidence}${where}`),
    block(affected.length === 0 ? "nothing is empty because of it" : `empty without it: ${affected.join("; ")}`),
    block(`→ ${remedy}`),
    // to be copied: not broken into lines
    ...(lines === undefined
      ? []
      : ["Python", "TypeScript"].map((language, index) =>
          code(language, index === 0 ? lines.python : lines.typescript, style),
        )),
  ].join("\n");
}

const code = (language: string, lines: readonly string[], style: Style): string =>
  [`       ${style.dim(language)}`, ...lines.map((line) => `         ${line}`)].join("\n");
