import type { Phase, Series } from "./traffic.ts";

/** What a rule is for: half an hour of health, then the failure that it names, then health again. */
export interface Failure {
  readonly series: readonly Series[];
  /** Minutes of health before the failure, where the rule looks back further. @default half an hour */
  readonly healthyFor?: number;
  /** Labels of the alert, without severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** Minutes after the failure began by which the rule fires. */
  readonly detectedWithin: number;
  /** Minutes after the failure ended by which it is silent again; infinite where its window is longer than the test. */
  readonly silentWithin: number;
}

export const healthyMinutes = 30;
export const failingMinutes = 40;

/** A level while all is well, during the failure, and afterwards. */
export const phases = (
  well: Phase["level"],
  ill: Phase["level"],
  after: Phase["level"] = well,
  healthyFor = healthyMinutes,
): Phase[] => [
  { minutes: healthyFor, level: well },
  { minutes: failingMinutes, level: ill },
  { minutes: 60, level: after },
];
