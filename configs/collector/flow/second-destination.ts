import type { Call } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import { secret, text, type Text } from "../../text.ts";
import { delivery, itemsPerRequest, queueStorage } from "../exporters.ts";
import type { Component, Pipeline } from "../model.ts";
import type { Signal } from "../signal.ts";

/** A second OTLP endpoint, for a trial, that never holds up the first. */

const authorizationVariable = "SECOND_DESTINATION_AUTHORIZATION";

const asked = ({ collector: { secondDestination } }: Settings, signal: Signal): boolean =>
  secondDestination.endpoint !== undefined && secondDestination.signals.includes(signal);

/** Hands a copy on to the second destination's own pipeline. None if it does not get the signal. */
export const toSecondDestination = (settings: Settings, signal: Signal): Component[] =>
  asked(settings, signal) ? [copies] : [];

const copies: Component = { id: "forward/second", connector: true, config: {} };

/** The pipeline of a signal to the second destination. None if it does not get the signal. */
export function secondPipelines(settings: Settings): Pipeline[] {
  return (["traces", "logs", "metrics"] as const)
    .filter((signal) => asked(settings, signal))
    .map((signal) => ({
      id: `${signal}/second`,
      receivers: [copies],
      processors: [released],
      exporters: [secondExporter(settings, signal)],
      asynchronous:
        "what does not fit into the second destination's queue is dropped there; a client that tried again would give the first destination everything twice",
    }));
}

/** Takes every copy at once, so that what becomes of it is no answer to the client. */
const released: Component = {
  id: "batch/second",
  // at once, and as it comes: the queue behind it makes the batches, on disk
  config: { timeout: "0s" },
  why: "from here on nobody waits: a second destination that is away never reaches the clients",
};

function secondExporter({ collector: { secondDestination: second } }: Settings, signal: Signal): Component {
  const { endpoint = "", auth, diskPerSignal } = second;
  const storage = { ...queueStorage(diskPerSignal), id: "file_storage/second" };
  const { sending_queue: queue, ...sending } = delivery(diskPerSignal, itemsPerRequest[signal]);
  return {
    id: `otlp_http/second_${signal}`,
    config: {
      endpoint,
      ...(auth === "none" ? {} : { headers: { Authorization: `\${env:${authorizationVariable}}` } }),
      ...sending,
      sending_queue: { ...(queue as object), storage: storage.id },
    },
    extensions: [inOwnDirectory(storage)],
  };
}

const inOwnDirectory = (storage: Component): Component => {
  const { directory, compaction } = storage.config as { directory: string; compaction: object };
  const own = directory.replace(/queue$/, "second");
  return { ...storage, config: { ...storage.config, directory: own, compaction: { ...compaction, directory: own } } };
};

/** What the collector has to know in order to send there. */
export const secondEnvironment = ({ collector: { secondDestination } }: Settings): Record<string, Text> =>
  secondDestination.auth === "none"
    ? {}
    : { [authorizationVariable]: text`${secret("secondDestinationAuthorization")}` };

/** Disk for its queues, in MiB. */
export const secondDisk = (settings: Settings): number =>
  secondPipelines(settings).length * settings.collector.secondDestination.diskPerSignal;

export function secondCalls({ collector: { secondDestination } }: Settings): Call[] {
  if (secondDestination.endpoint === undefined) return [];
  const { port, protocol } = new URL(secondDestination.endpoint);
  return [
    { outside: "the second destination", ports: [port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)] },
  ];
}
