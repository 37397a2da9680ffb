import type { Graph, Node, StackRecording } from "../graph/index.ts";

/** What a plan says on one platform and not on another. */
export interface PlanView {
  /** What a reviewer asks of a resource, in a few words each; nothing about a resource of another kind. */
  readonly facts: (graph: Graph, node: Node) => readonly string[];
  /** How much of what, for one line. */
  readonly totals: (recording: StackRecording) => readonly string[];
  /** What somebody should know before deploying, one sentence or two each. */
  readonly notes: (recording: StackRecording) => readonly string[];
  /**
   * Writes what there is besides the configuration of the systems.
   * @returns the files, by their path in the directory
   */
  readonly write: (directory: string, recording: StackRecording) => readonly string[];
}
