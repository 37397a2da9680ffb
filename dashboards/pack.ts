import type { Metric } from "./metric.ts";
import type { Board, BoardContext } from "./panel.ts";
import type { Rule } from "./rule.ts";

/** The metrics of one kind of application, with the boards that show them and the rules that watch them. */
export interface Pack {
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly boards: (context: BoardContext) => readonly Board[];
  readonly rules: readonly Rule[];
}
