import { agentsProof } from "./agents.ts";
import type { PackProof } from "./proof.ts";
import { stackProof } from "./stack.ts";

/** The proofs of all packs. */
export const proofs: readonly PackProof[] = [agentsProof, stackProof];
