import type { Metric } from "./metric.ts";
import type { Board, BoardContext } from "./panel.ts";
import type { Rule } from "./rule.ts";

/** The metrics of one kind of application, with the boards that show them and the rules that watch them. */
export interface Pack {
  /** As in the setting `dashboards.packs`; part of uids, so fixed for ever. At most 17 characters. */
  readonly name: string;
  /** Title of its folder in Grafana. */
  readonly title: string;
  /** One sentence: which applications it is for. */
  readonly description: string;
  readonly metrics: readonly Metric[];
  readonly boards: (context: BoardContext) => readonly Board[];
  readonly rules: readonly Rule[];
}
