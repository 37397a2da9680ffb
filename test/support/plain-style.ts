import type { Style } from "../../cli/terminal.ts";

const same = (text: string): string => text;

/** No colours: text as it is piped. */
export const plain: Style = { bold: same, dim: same, good: same, bad: same, warn: same };
