import { expect, test, vi } from "vitest";

import { logRecords, send } from "../../cli/lab/otlp.ts";
import { openTestbed } from "./support/testbed.ts";
import { attributesOf, awkwardValues, typedTexts } from "../support/hard-values.ts";

/** Attributes that a stack adds: on the way from the settings to GreptimeDB nothing may read more into their values. */

test.for([
  { kind: "special characters", values: awkwardValues },
  { kind: "texts that look like other types", values: typedTexts },
])("attributes arrive as they were written: $kind", async ({ values }, context) => {
  const attributes = attributesOf(values);
  const testbed = await openTestbed(context, { values: { resourceAttributes: attributes } });
  const sender = { "service.name": "shop" };
  expect(await send(testbed.otlp, "logs", logRecords(sender, ["one"]))).toBe(200);
  await vi.waitFor(
    () => {
      const resource = { ...sender, ...attributes };
      expect(testbed.store.logRecords()).toEqual([{ traceId: "", body: "one", attributes: {}, resource }]);
    },
    { timeout: 30_000, interval: 100 },
  );
});
