import { fileURLToPath } from "node:url";

import protobuf from "protobufjs";

/** OTLP requests, decoded and flattened: each record with the attributes of its resource. */

const types = protobuf.loadSync(fileURLToPath(new URL("otlp.proto", import.meta.url)));

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  readonly name: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
}

export interface LogRecord {
  /** 32 hexadecimal digits, or empty. */
  readonly traceId: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly resource: Attributes;
}

export interface Point {
  readonly metric: string;
  readonly kind: (typeof kinds)[number];
  /** Of numbers the value, of histograms and summaries the count. */
  readonly value: number;
  /** Says that the series has ended, instead of a value. */
  readonly noRecordedValue: boolean;
  readonly attributes: Attributes;
  readonly resource: Attributes;
}

interface RawAttributes {
  readonly attributes?: readonly { readonly key: string; readonly value?: Record<string, string | number | boolean> }[];
}

interface RawPoint extends RawAttributes {
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly count?: number;
  readonly flags?: number;
}

interface Raw<Scope> {
  readonly resources?: readonly { readonly resource?: RawAttributes; readonly scopes?: Scope[] }[];
}
interface RawRecord extends RawAttributes {
  readonly traceId?: Uint8Array;
}
type RawTraces = Raw<{ readonly spans?: (RawRecord & { readonly name?: string })[] }>;
type RawLogs = Raw<{ readonly records?: (RawRecord & { readonly body?: { readonly stringValue?: string } })[] }>;
type RawMetrics = Raw<{ readonly metrics?: ({ readonly name?: string } & Record<string, unknown>)[] }>;

const hex = (bytes: Uint8Array = new Uint8Array()): string => Buffer.from(bytes).toString("hex");

export function spansIn(body: Buffer): Span[] {
  const { resources = [] } = decoded("Traces", body) as RawTraces;
  return resources.flatMap(({ resource, scopes = [] }) =>
    scopes.flatMap(({ spans = [] }) =>
      spans.map((span) => ({
        traceId: hex(span.traceId),
        name: span.name ?? "",
        attributes: attributesOf(span),
        resource: attributesOf(resource),
      })),
    ),
  );
}

export function logRecordsIn(body: Buffer): LogRecord[] {
  const { resources = [] } = decoded("Logs", body) as RawLogs;
  return resources.flatMap(({ resource, scopes = [] }) =>
    scopes.flatMap(({ records = [] }) =>
      records.map((record) => ({
        traceId: hex(record.traceId),
        body: record.body?.stringValue ?? "",
        attributes: attributesOf(record),
        resource: attributesOf(resource),
      })),
    ),
  );
}

export function pointsIn(body: Buffer): Point[] {
  const { resources = [] } = decoded("Metrics", body) as RawMetrics;
  return resources.flatMap(({ resource, scopes = [] }) =>
    scopes.flatMap(({ metrics = [] }) =>
      metrics.flatMap(({ name, ...data }) =>
        pointsOf(data).map(([kind, point]) => ({
          metric: name ?? "",
          kind,
          value: point.asDouble ?? point.asInt ?? point.count ?? 0,
          // the one flag that there is
          noRecordedValue: ((point.flags ?? 0) & 1) === 1,
          attributes: attributesOf(point),
          resource: attributesOf(resource),
        })),
      ),
    ),
  );
}

/** A request as bytes, in the words of otlp.proto. */
export const encoded = (type: "Traces" | "Logs" | "Metrics", request: object): Buffer => {
  const message = types.lookupType(`otlp.${type}`);
  return Buffer.from(message.encode(message.fromObject(request)).finish());
};

function decoded(type: string, body: Buffer): unknown {
  const message = types.lookupType(`otlp.${type}`);
  return message.toObject(message.decode(body), { longs: Number });
}

const kinds = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;

const pointsOf = (data: Record<string, unknown>) =>
  kinds.flatMap((kind) =>
    ((data[kind] as { readonly points?: RawPoint[] } | undefined)?.points ?? []).map((point) => [kind, point] as const),
  );

const attributesOf = (of: RawAttributes | undefined): Attributes =>
  Object.fromEntries((of?.attributes ?? []).map(({ key, value = {} }) => [key, Object.values(value)[0]]));
