import type { Port } from "../service.ts";
import type { Settings } from "../settings/settings.ts";
import { ports } from "./store.ts";

/** The ports that people's own clients use, of whatever serves them. Closed to the outside unless asked for. */
export function clientPorts({ greptimedb }: Settings): { readonly http: Port; readonly others: readonly Port[] } {
  const asked = greptimedb.ports;
  return {
    http: port("http", asked.http),
    others: [
      port("grpc", asked.grpc),
      port("mysql", asked.mysql),
      ...(asked.postgres === 0 ? [] : [port("postgres", asked.postgres)]),
    ],
  };
}

const port = (name: keyof typeof ports, hostPort: number): Port => ({
  name,
  port: ports[name],
  ...(hostPort === 0 ? {} : { published: hostPort, open: ["applications"] }),
});
