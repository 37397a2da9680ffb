/** The kinds of data that a pipeline can be for. */
export type Signal = "traces" | "metrics" | "logs";
