import type { Settings } from "../settings/settings.ts";

/** Records that the stack itself sends in order to find them again: no sampler and no filter may drop them. */

/** `service.name` of the records by which a deployment, and `npm run smoke`, prove the pipeline. */
export const proofService = "greptime-observability";

/** `service.name` of the records of the delivery ledger. */
export const ledgerService = "delivery-ledger";

/** What they are called: spans, bodies of log records, instruments. */
export const ownNames = {
  traces: { proof: "pipeline_proof", smoke: "smoke", ledger: "delivery_ledger" },
  logs: { proof: "pipeline proof", smoke: "smoke", ledger: "delivery ledger: record" },
  metrics: { proof: "pipeline_proof_timestamp", ledger: "delivery_ledger_number" },
} as const;

/** Whose spans tail sampling keeps whatever the ratio. */
export const ownServices = ({ collector }: Settings): string[] => [
  proofService,
  ...(collector.ledger.enabled ? [ledgerService] : []),
];

/** What the sampler by trace id looks at. */
export const samplingPriority = { key: "sampling.priority", value: { intValue: "1" } } as const;

/** What such a span has beside its times, as a piece of OTLP/JSON; nothing where nothing is sampled by trace id. */
export const ownSpanAttributes = ({ collector: { sampling } }: Settings): string =>
  sampling.ratio === 1 || sampling.tail.enabled ? "" : `,"attributes":[${JSON.stringify(samplingPriority)}]`;

/** Seconds for which a span waits in the collector before it is sent on. */
export const spanDelay = ({ collector: { sampling } }: Settings): number =>
  sampling.tail.enabled ? sampling.tail.wait : 0;
