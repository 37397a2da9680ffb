/**
 * The metric catalogue's vocabulary. A pack declares the metrics of one kind of application with these; queries
 * can name nothing else, which the compiler checks.
 */

export type Kind = "counter" | "gauge" | "upDownCounter" | "histogram";

/** How a metric reaches GreptimeDB: pushed as OTLP, or scraped from a Prometheus endpoint by the collector. */
export type Route = "otlp" | "scrape";

export interface Label {
  /** What it says. */
  readonly help: string;
  /** Typical values, most frequent first. Bounded: a label with unbounded values has no place in a metric. */
  readonly values: readonly [string, ...string[]];
  /** The attribute as the application names it. @default - as the label */
  readonly attribute?: string;
  /** Only some of the points have it, as only a failed call has an error's type. @default false */
  readonly sometimes?: boolean;
  /** Attributes under which older conventions have the same. */
  readonly formerly?: readonly string[];
}

/** How a metric is called by those who follow an older convention. */
export interface FormerMetric {
  readonly name: string;
  readonly unit: string;
}

/** A metric as an application declares it. `L` are the names of its labels as GreptimeDB stores them. */
export interface Metric<L extends string = string, K extends Kind = Kind> {
  /** The instrument's name, as in the application: `http.server.request.duration`. */
  readonly name: string;
  readonly kind: K;
  /** UCUM unit as declared; empty where there is none. */
  readonly unit: string;
  readonly route: Route;
  /** A value from 0 to 1. Its unit would be `1`, which GreptimeDB makes a part of a gauge's name. */
  readonly share?: boolean;
  readonly help: string;
  /** Which application emits it. */
  readonly emittedBy: string;
  /** Attributes of the data points, by the name of the label that GreptimeDB makes of them. */
  readonly labels: Readonly<Record<L, Label>>;
  /** Under older conventions. */
  readonly formerly?: readonly FormerMetric[];
  /** It appears with the first thing that it counts: a failure, a timeout. @default false */
  readonly sometimes?: boolean;
  /** Why no panel shows it. @default - a panel does */
  readonly notShown?: string;
  /** Upper bounds of the buckets, ascending, without infinity. Histograms only. */
  readonly buckets?: readonly number[];
}

/**
 * Labels that every series has, besides the metric's own: GreptimeDB derives them from the resource
 * (`service.name` becomes `service_name` and `job`, `service.instance.id` becomes `service_instance_id` and `instance`).
 */
export const commonLabels = ["service_name", "service_instance_id", "job", "instance"] as const;
export type CommonLabel = (typeof commonLabels)[number];

type Declaration<L extends string> = Omit<Metric<L>, "kind" | "labels" | "buckets" | "unit" | "route"> & {
  readonly labels: Readonly<Record<L, Label>>;
  /** @default "" */
  readonly unit?: string;
  /** @default "otlp" */
  readonly route?: Route;
};

const metric = <L extends string, K extends Kind>(kind: K, declared: Declaration<L>): Metric<L, K> => ({
  ...declared,
  unit: declared.unit ?? "",
  route: declared.route ?? "otlp",
  kind,
});

/** A monotonic sum. */
export const counter = <L extends string>(declared: Declaration<L>): Metric<L, "counter"> =>
  metric("counter", declared);

/** A value that is set. */
export const gauge = <L extends string>(declared: Declaration<L>): Metric<L, "gauge"> => metric("gauge", declared);

/** A sum that goes up and down. */
export const upDownCounter = <L extends string>(declared: Declaration<L>): Metric<L, "upDownCounter"> =>
  metric("upDownCounter", declared);

/** A histogram with explicit buckets; GreptimeDB drops exponential ones. */
export const histogram = <L extends string>(
  declared: Declaration<L> & { readonly buckets: readonly number[] },
): Metric<L, "histogram"> => ({ ...metric("histogram", declared), buckets: declared.buckets });
