import type { Collector, Component, Pipeline } from "./model.ts";

/** What is wrong with a configuration before it is written, in words that say why. */

/**
 * Kinds of processors, in the order in which they must stand in a pipeline, each with the reason. A kind that is not
 * here has no place yet.
 */
const order: readonly (readonly [kind: RegExp, why: string])[] = [
  [/^memory_limiter$/, "it refuses before anything is held in memory"],
  [/^(k8s_attributes|resource_detection)$/, "it reads who sent the data, before anything changes it"],
  [/^resource(\/|$)/, "it adds what others may look at"],
  [/^filter\/(traces|metrics|logs)$/, "what is dropped needs no more work"],
  [/^(attributes|transform)\/content/, "what goes anyway need not be searched"],
  [/^redaction\//, "secrets are masked before anything leaves"],
  [/^transform\/masked/, "secrets are masked before anything leaves"],
  [/^transform\/limits/, "a secret that is cut in half is not recognised"],
  [/^deltatocumulative$/, "it needs all points of a series"],
  [/^transform\/explicit_histograms$/, "it needs sums, not differences"],
  [/^filter\/no_recorded_value$/, "nothing behind it makes points without values"],
  [/^(probabilistic_sampler|tail_sampling)$/, "what is dropped here has been counted before"],
  [/^batch\//, "it answers before anything is stored, so nothing may follow that could refuse"],
];

const rank = (id: string): number => order.findIndex(([kind]) => kind.test(id));

/** Every problem of a configuration; none if it can be written. */
export const problemsOf = (collector: Collector): string[] => [
  ...namesakes(collector),
  ...connectorProblems(collector.pipelines),
  ...collector.pipelines.flatMap((pipeline) => [...partProblems(pipeline), ...orderProblems(pipeline)]),
  ...extensionProblems(collector),
];

function partProblems({ id, receivers, processors, exporters, asynchronous }: Pipeline): string[] {
  const stored = exporters.some(({ extensions = [] }) =>
    extensions.some((extension) => extension.id.startsWith("file_storage")),
  );
  const batch = processors.find((part) => part.id.startsWith("batch"));
  const twice = [receivers, processors, exporters].flatMap((parts) =>
    parts.filter((part, index) => parts.findIndex((other) => other.id === part.id) !== index),
  );
  return [
    ...(receivers.length === 0 || exporters.length === 0
      ? [`pipeline ${id} needs at least one receiver and one exporter`]
      : []),
    ...(/^(traces|metrics|logs)(\/[a-z_]+)?$/.test(id)
      ? []
      : [`pipeline ${id} is for no signal: traces, metrics or logs`]),
    ...twice.map((part) => `pipeline ${id} has ${part.id} twice`),
    ...(batch !== undefined && stored && asynchronous === undefined
      ? [
          `pipeline ${id} has ${batch.id} in front of a queue on disk: it tells the client that data is safe before it is stored`,
        ]
      : []),
  ];
}

function orderProblems({ id, processors }: Pipeline): string[] {
  const unknown = processors.filter((part) => rank(part.id) === -1);
  const known = processors.filter((part) => rank(part.id) !== -1);
  const misplaced = known.flatMap((part, index) => {
    const earlier = known.slice(0, index).find((other) => rank(other.id) > rank(part.id));
    return earlier === undefined
      ? []
      : [`pipeline ${id} has ${part.id} behind ${earlier.id}, but ${order[rank(part.id)]?.[1] ?? ""}`];
  });
  return [
    ...unknown.map((part) => `pipeline ${id} has ${part.id}, which has no place in the order of processors`),
    ...misplaced,
  ];
}

/** A connector ends one pipeline and begins another, of which none leads back. */
function connectorProblems(pipelines: readonly Pipeline[]): string[] {
  const ends = pipelines.flatMap(({ exporters }) => exporters);
  const begins = pipelines.flatMap(({ receivers }) => receivers);
  const named = (parts: readonly Component[], id: string) => parts.some((part) => part.id === id);
  const connectors = [
    ...new Set([...ends, ...begins].filter(({ connector }) => connector === true).map(({ id }) => id)),
  ];
  return [
    ...connectors.flatMap((id) => [
      ...(named(ends, id) ? [] : [`connector ${id} begins a pipeline, but none ends in it: nothing would come out`]),
      ...(named(begins, id) ? [] : [`connector ${id} ends a pipeline, but none begins with it: what it takes is lost`]),
    ]),
    ...pipelines
      .filter((pipeline) => leadsTo(pipeline, pipeline, pipelines))
      .map(({ id }) => `pipeline ${id} leads back to itself`),
  ];
}

const leadsTo = (
  from: Pipeline,
  to: Pipeline,
  pipelines: readonly Pipeline[],
  seen: readonly Pipeline[] = [],
): boolean =>
  from.exporters
    .filter(({ connector }) => connector === true)
    .flatMap(({ id }) => pipelines.filter(({ receivers }) => receivers.some((receiver) => receiver.id === id)))
    .some((next) => next === to || (!seen.includes(next) && leadsTo(next, to, pipelines, [...seen, next])));

const partsOf = ({ pipelines, extensions }: Collector): Component[] => [
  ...pipelines.flatMap(({ receivers, processors, exporters }) => [...receivers, ...processors, ...exporters]),
  ...extensions,
];

/** Names are those of a section: a receiver may be called what an exporter is called. */
function namesakes({ pipelines, extensions }: Collector): string[] {
  const connector = (part: Component) => part.connector === true;
  const [receivers, processors, exporters] = (["receivers", "processors", "exporters"] as const).map((section) =>
    pipelines.flatMap((pipeline) => pipeline[section]),
  ) as [Component[], Component[], Component[]];
  const used = [...receivers, ...processors, ...exporters].flatMap((part) => part.extensions ?? []);
  const sections = [
    receivers.filter((part) => !connector(part)),
    processors,
    exporters.filter((part) => !connector(part)),
    [...receivers, ...exporters].filter(connector),
    [...extensions, ...used],
  ];
  const clashing = sections.flatMap((parts) =>
    parts.filter((part) =>
      parts.some((other) => other.id === part.id && JSON.stringify(other) !== JSON.stringify(part)),
    ),
  );
  return [...new Set(clashing.map(({ id }) => id))].map(
    (id) => `two different components are called ${id}; give one of them a /name`,
  );
}

/** What a component says in its configuration it must also have: the collector only starts what is listed. */
function extensionProblems(collector: Collector): string[] {
  return partsOf(collector).flatMap((part) => {
    const started = (part.extensions ?? []).map(({ id }) => id);
    return referredTo(part.config)
      .filter((id) => !started.includes(id))
      .map((id) => `${part.id} refers to the extension ${id}, which would not be started`);
  });
}

/** Values of `storage` and `authenticator`, wherever they stand. */
function referredTo(config: unknown): string[] {
  if (Array.isArray(config)) return config.flatMap(referredTo);
  if (typeof config !== "object" || config === null) return [];
  return Object.entries(config).flatMap(([key, value]) =>
    (key === "storage" || key === "authenticator") && typeof value === "string" ? [value] : referredTo(value),
  );
}
