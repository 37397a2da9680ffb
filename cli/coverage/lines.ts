import type { Metric } from "../../dashboards/metric.ts";

/** What to write in an application, for the common SDKs. */
export interface Lines {
  readonly python: readonly string[];
  readonly typescript: readonly string[];
}

/** As OpenTelemetry's SDK has it for what is sent, Prometheus' client for what is scraped. */
export const linesFor = (metric: Metric): Lines =>
  metric.route === "otlp"
    ? { python: otlpPython(metric), typescript: otlpTypescript(metric) }
    : { python: scrapedPython(metric), typescript: scrapedTypescript(metric) };

/** Attributes with values that are typical, all of them. */
const attributesOf = ({ labels }: Metric): (readonly [string, string])[] =>
  Object.entries(labels).map(([label, { attribute = label, values }]) => [attribute, values[0]] as const);

const text = (value: string): string => JSON.stringify(value);

type Calls = readonly [create: string, record: string];

const instruments: Readonly<Record<Metric["kind"], { readonly python: Calls; readonly typescript: Calls }>> = {
  counter: { python: ["create_counter", "add"], typescript: ["createCounter", "add"] },
  upDownCounter: { python: ["create_up_down_counter", "add"], typescript: ["createUpDownCounter", "add"] },
  gauge: { python: ["create_gauge", "set"], typescript: ["createGauge", "record"] },
  histogram: { python: ["create_histogram", "record"], typescript: ["createHistogram", "record"] },
};

function otlpPython(metric: Metric): string[] {
  const { name, unit, kind, buckets } = metric;
  const [create, record] = instruments[kind].python;
  const options = [
    text(name),
    ...(unit === "" ? [] : [`unit=${text(unit)}`]),
    ...(buckets === undefined ? [] : [`explicit_bucket_boundaries_advisory=[${buckets.join(", ")}]`]),
  ];
  const attributes = attributesOf(metric).map(([attribute, value]) => `${text(attribute)}: ${text(value)}`);
  return [
    `metric = meter.${create}(${options.join(", ")})`,
    `metric.${record}(1${attributes.length === 0 ? "" : `, {${attributes.join(", ")}}`})`,
  ];
}

function otlpTypescript(metric: Metric): string[] {
  const { name, unit, kind, buckets } = metric;
  const [create, record] = instruments[kind].typescript;
  const options = [
    ...(unit === "" ? [] : [`unit: ${text(unit)}`]),
    ...(buckets === undefined ? [] : [`advice: { explicitBucketBoundaries: [${buckets.join(", ")}] }`]),
  ];
  const given = options.length === 0 ? "" : `, { ${options.join(", ")} }`;
  const attributes = attributesOf(metric).map(([attribute, value]) => `${text(attribute)}: ${text(value)}`);
  return [
    `const metric = meter.${create}(${text(name)}${given});`,
    `metric.${record}(1${attributes.length === 0 ? "" : `, { ${attributes.join(", ")} }`});`,
  ];
}

const classes: Readonly<Record<Metric["kind"], readonly [name: string, record: string]>> = {
  counter: ["Counter", "inc"],
  upDownCounter: ["Gauge", "set"],
  gauge: ["Gauge", "set"],
  histogram: ["Histogram", "observe"],
};

function scrapedPython(metric: Metric): string[] {
  const { name, kind, help, buckets } = metric;
  const [type, record] = classes[kind];
  const labels = Object.keys(metric.labels);
  const options = [
    text(name),
    text(help),
    ...(labels.length === 0 ? [] : [`[${labels.map(text).join(", ")}]`]),
    ...(buckets === undefined ? [] : [`buckets=[${buckets.join(", ")}]`]),
  ];
  const values = attributesOf(metric).map(([, value]) => text(value));
  return [
    `metric = ${type}(${options.join(", ")})`,
    `metric${values.length === 0 ? "" : `.labels(${values.join(", ")})`}.${record}(1)`,
  ];
}

function scrapedTypescript(metric: Metric): string[] {
  const { name, kind, help, buckets } = metric;
  const [type, record] = classes[kind];
  const labels = Object.keys(metric.labels);
  const options = [
    `name: ${text(name)}`,
    `help: ${text(help)}`,
    ...(labels.length === 0 ? [] : [`labelNames: [${labels.map(text).join(", ")}]`]),
    ...(buckets === undefined ? [] : [`buckets: [${buckets.join(", ")}]`]),
  ];
  const values = Object.entries(metric.labels).map(
    ([
      label,
      {
        values: [first],
      },
    ]) => `${label}: ${text(first)}`,
  );
  return [
    `const metric = new ${type}({ ${options.join(", ")} });`,
    `metric.${record}(${values.length === 0 ? "" : `{ ${values.join(", ")} }, `}1);`,
  ];
}
