import type { Phase, Series } from "./traffic.ts";

/** What a rule is for: health, then the failure that it names, then health again. */
export interface Failure {
  readonly series: readonly Series[];
  /** @default usual */
  readonly course?: Course;
  /** Labels of the alert, without severity. */
  readonly labels: Readonly<Record<string, string>>;
  /** Minutes after the failure began for which the rule is silent yet. @default - for one evaluation */
  readonly silentFor?: number;
  /** Minutes after the failure began by which the rule fires. */
  readonly detectedWithin: number;
  /** Minutes after the failure ended by which it is silent again; infinite where its window is longer than the test. */
  readonly silentWithin: number;
}

/** How long the parts of a story last, in minutes. A rule that looks back over a day needs a longer one. */
export interface Course {
  readonly well: number;
  readonly ill: number;
  readonly after: number;
}

export const healthyMinutes = 30;
export const failingMinutes = 40;
export const usual: Course = { well: healthyMinutes, ill: failingMinutes, after: 60 };

/** A level while all is well, during the failure, and afterwards. */
export const phases = (
  well: Phase["level"],
  ill: Phase["level"],
  after: Phase["level"] = well,
  course: Course = usual,
): Phase[] => [
  { minutes: course.well, level: well },
  { minutes: course.ill, level: ill },
  { minutes: course.after, level: after },
];
