/** OTLP/JSON as an application sends it. */

export type Signal = "traces" | "logs" | "metrics";

/** String attributes of whoever sends. */
export type Sender = Readonly<Record<string, string>>;

export interface Measurement {
  readonly name: string;
  readonly unit?: string;
  readonly value: number;
  /** A counter; otherwise a gauge. */
  readonly counter?: boolean;
  /** Sends the mark that the series has ended, instead of the value. */
  readonly noRecordedValue?: boolean;
}

const attributes = (of: Sender) => Object.entries(of).map(([key, value]) => ({ key, value: { stringValue: value } }));

const now = (): string => `${String(Date.now())}000000`;

const hex = (digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join("");

export const spans = (sender: Sender, names: readonly string[]): object => ({
  resourceSpans: [
    {
      resource: { attributes: attributes(sender) },
      scopeSpans: [
        {
          spans: names.map((name) => ({
            traceId: hex(32),
            spanId: hex(16),
            name,
            kind: 1,
            startTimeUnixNano: now(),
            endTimeUnixNano: now(),
          })),
        },
      ],
    },
  ],
});

export const logRecords = (sender: Sender, bodies: readonly string[], of: Sender = {}): object => ({
  resourceLogs: [
    {
      resource: { attributes: attributes(sender) },
      scopeLogs: [
        {
          logRecords: bodies.map((body) => ({
            timeUnixNano: now(),
            severityNumber: 9,
            severityText: "INFO",
            body: { stringValue: body },
            attributes: attributes(of),
          })),
        },
      ],
    },
  ],
});

export const metrics = (sender: Sender, measurements: readonly Measurement[]): object => ({
  resourceMetrics: [
    {
      resource: { attributes: attributes(sender) },
      scopeMetrics: [{ metrics: measurements.map(metric) }],
    },
  ],
});

function metric({ name, unit = "", value, counter = false, noRecordedValue = false }: Measurement): object {
  const dataPoints = [{ timeUnixNano: now(), ...(noRecordedValue ? { flags: 1 } : { asDouble: value }) }];
  const data = counter
    ? { sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }
    : { gauge: { dataPoints } };
  return { name, unit, ...data };
}

/** @returns the status, when the collector has answered: 200 means that it is responsible for the data from here on */
export async function send(
  url: string,
  signal: Signal,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(`${url}/v1/${signal}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  await response.text();
  return response.status;
}
