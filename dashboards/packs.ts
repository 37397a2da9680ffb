import { agents } from "./agents/pack.ts";
import { genai } from "./genai/pack.ts";
import { http } from "./http/pack.ts";
import { logs } from "./logs/pack.ts";
import type { Pack } from "./pack.ts";
import { stack } from "./stack/pack.ts";
import { traces } from "./traces/pack.ts";
import { ui } from "./ui/pack.ts";
import { workers } from "./workers/pack.ts";
import { workflows } from "./workflows/pack.ts";

/** All packs, in the order in which people meet them. A pack of one's own is a folder and a line here. */
export const packs: readonly Pack[] = [agents, ui, workers, workflows, genai, http, traces, logs, stack];
