import { agentsProof } from "./agents.ts";
import { genaiProof } from "./genai.ts";
import { httpProof } from "./http.ts";
import { logsProof } from "./logs.ts";
import type { PackProof } from "./proof.ts";
import { stackProof } from "./stack.ts";
import { tracesProof } from "./traces.ts";
import { uiProof } from "./ui.ts";
import { workersProof } from "./workers.ts";
import { workflowsProof } from "./workflows.ts";

/** The proofs of all packs. */
export const proofs: readonly PackProof[] = [
  agentsProof,
  uiProof,
  workersProof,
  workflowsProof,
  genaiProof,
  httpProof,
  tracesProof,
  logsProof,
  stackProof,
];
