/**
 * The resource graph of a program as plain data, without engine, provider or network: for the offline plan and for
 * unit tests, of this project and of programs that import its components (docs/testing.md).
 */
export { allBefore, childrenOf, nameOf, type Graph, type Node } from "./node.ts";
export { madeUpPassword } from "./mock-provider.ts";
export { recordProgram, type RecordOptions } from "./record.ts";
export { recordStack, type StackOptions, type StackRecording } from "./record-stack.ts";
export { revealed, Secret, Unknown } from "./values.ts";
