import { isMap, isScalar, type Document, type Scalar } from "yaml";

import { yamlForGo } from "../yaml.ts";
import { problemsOf } from "./model-check.ts";

/**
 * A collector configuration as a graph of parts: pipelines hold their components, components hold the extensions
 * they use. The sections of the YAML are derived from that, so that a pipeline cannot name what is not defined,
 * nothing is defined that no pipeline uses, and no extension is used without being started.
 */

/** A receiver, processor, exporter, connector or extension. */
export interface Component {
  /** `type` or `type/name`, as in the YAML. */
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Extensions that the configuration refers to. */
  readonly extensions?: readonly Component[];
  /** Whether it ends one pipeline and begins another. @default false */
  readonly connector?: boolean;
  /** A comment above the component, for whoever reads the YAML. */
  readonly why?: string;
}

export interface Pipeline {
  /** `traces`, `metrics` or `logs`, with a `/name` where there is more than one. */
  readonly id: string;
  readonly receivers: readonly Component[];
  readonly processors: readonly Component[];
  readonly exporters: readonly Component[];
  /** Why it may tell a client that data is safe before it is stored. Without a reason it may not. */
  readonly asynchronous?: string;
}

export interface Collector {
  readonly pipelines: readonly Pipeline[];
  /** Extensions that no component refers to. */
  readonly extensions: readonly Component[];
  /** `service.telemetry`. */
  readonly telemetry: Readonly<Record<string, unknown>>;
}

/**
 * The YAML text of a collector, the same for the same parts.
 * @throws Error with all problems at once: parts that clash, stand in the wrong order, lead nowhere or lose data
 */
export function renderCollector(collector: Collector): string {
  const problems = problemsOf(collector);
  if (problems.length > 0) throw new Error(`The collector's configuration is wrong:\n  ${problems.join("\n  ")}`);
  const sections = sectionsOf(collector);
  const config = {
    ...Object.fromEntries(
      Object.entries(sections).map(([name, parts]) => [name, Object.fromEntries(parts.map((p) => [p.id, p.config]))]),
    ),
    service: {
      extensions: sections.extensions.map(({ id }) => id),
      telemetry: collector.telemetry,
      pipelines: Object.fromEntries(collector.pipelines.map((pipeline) => [pipeline.id, pipelineOf(pipeline)])),
    },
  };
  return yamlForGo(config, (document) => {
    for (const [name, parts] of Object.entries(sections)) for (const part of parts) comment(document, name, part);
  });
}

function sectionsOf({ pipelines, extensions }: Collector) {
  const parts = (of: (pipeline: Pipeline) => readonly Component[]) => distinct(pipelines.flatMap(of));
  const connectors = parts(({ exporters }) => exporters).filter(isConnector);
  const receivers = parts((p) => p.receivers).filter((part) => !isConnector(part));
  const processors = parts((p) => p.processors);
  const exporters = parts((p) => p.exporters).filter((part) => !isConnector(part));
  const used = [...receivers, ...processors, ...exporters].flatMap((part) => part.extensions ?? []);
  return {
    extensions: distinct([...extensions, ...used]),
    receivers,
    processors,
    ...(connectors.length === 0 ? {} : { connectors }),
    exporters,
  };
}

const isConnector = ({ connector = false }: Component): boolean => connector;

/** One of each, in order of first use. */
const distinct = (components: readonly Component[]): Component[] => [
  ...new Map(components.map((component) => [component.id, component])).values(),
];

function pipelineOf({ receivers, processors, exporters }: Pipeline) {
  const ids = (components: readonly Component[]) => components.map((component) => component.id);
  return { receivers: ids(receivers), processors: ids(processors), exporters: ids(exporters) };
}

function comment(document: Document, section: string, { id, why }: Component): void {
  const map = document.getIn([section], true);
  if (why === undefined || !isMap(map)) return;
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === id);
  if (pair) (pair.key as Scalar).commentBefore = ` ${why}`;
}

/** Keeps the collector from reading `$NAME`, `${…}` or `$$` in a text that somebody else wrote. */
export const literal = (value: string): string => value.replaceAll("$", "$$$$");
