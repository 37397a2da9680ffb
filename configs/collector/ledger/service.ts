import { httpUrl, storeCalls, storeFrom } from "../../greptimedb/store.ts";
import type { Service } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import { basicAuth, text } from "../../text.ts";
import { ownSpanAttributes } from "../own-records.ts";
import { ports, serviceName } from "../ports.ts";
import { proofName } from "../proof.ts";
import { sendFunction, sendingEnvironment } from "../sending.ts";
import { dueSeconds, intervalSeconds, keptSeconds, roundsUntilLost } from "./records.ts";
import { bookDirectory, ledgerScript, roundFile } from "./script.ts";

export const ledgerName = "collector-ledger";

const scriptFile = "/etc/ledger/ledger.sh";

/**
 * Proves without end what the pipeline's proof proves once: that what the collector has acknowledged is in GreptimeDB.
 * None if the setting `collector.ledger.enabled` is off.
 */
export function ledgerServices(settings: Settings): Service[] {
  if (!settings.collector.ledger.enabled) return [];
  const store = storeFrom(settings);
  const { databases, users } = store;
  return [
    {
      name: ledgerName,
      kind: "stateful",
      image: settings.images.greptimedb,
      entrypoint: ["sh", scriptFile],
      args: [],
      env: {
        ...sendingEnvironment(settings),
        DUE: String(dueSeconds(settings)),
        GREPTIMEDB_URL: httpUrl(store),
        INTERVAL: String(intervalSeconds),
        KEPT: String(keptSeconds(settings)),
        LOGS_DATABASE: databases.logs,
        METRICS_DATABASE: databases.metrics,
        READER_AUTHORIZATION: text`${basicAuth(users.reader.name, users.reader.password)}`,
        ROUNDS: String(roundsUntilLost),
        TRACES_DATABASE: databases.traces,
      },
      files: [{ path: scriptFile, text: ledgerScript(sendFunction(settings), ownSpanAttributes(settings)) }],
      ports: [],
      // what was acknowledged before a restart must be found after it
      mounts: [{ volume: "book", path: bookDirectory, sizeMiB: 64 }],
      scratch: ["/tmp"],
      // a round takes two minutes at most, when nothing answers
      health: { command: ["sh", "-c", `find ${roundFile} -mmin -4 | grep -q .`], startupSeconds: 180 },
      memoryMiB: 64,
      cpuMillis: 20,
      user: { uid: 10001, gid: 10001 },
      replicas: 1,
      stopGraceSeconds: 20,
      needs: [serviceName, proofName],
      calls: [{ to: serviceName, port: ports.otlpHttp }, ...storeCalls(store)],
    },
  ];
}
