import type { TestContext } from "vitest";

import { lastLines } from "../../../cli/lab/collector.ts";
import { Testbed, type TestbedOptions } from "../../../cli/lab/testbed.ts";
import { settingsOf } from "../../support/settings.ts";

export type { Testbed } from "../../../cli/lab/testbed.ts";

type Options = Omit<TestbedOptions, "settings"> & {
  /** Settings of the stack. @default {} */
  readonly values?: Record<string, unknown>;
};

export const testbedWith = ({ values = {}, ...rest }: Options = {}): Promise<Testbed> =>
  Testbed.open({ ...rest, settings: settingsOf(values) });

/** A testbed for one test. */
export async function openTestbed(test: TestContext, options?: Options): Promise<Testbed> {
  const testbed = await testbedWith(options);
  test.onTestFinished(() => testbed.close());
  showLogOnFailure(test, () => testbed);
  return testbed;
}

/** When a test fails, the reason often stands in the collector's log. */
export function showLogOnFailure(test: TestContext, testbed: () => Testbed | undefined): void {
  test.onTestFailed(() => {
    process.stderr.write(`\nThe collector's log, in the end:\n${lastLines(testbed()?.log() ?? "(none)")}\n\n`);
  });
}
