import { describe, expect, it } from "vitest";

import { proofTask } from "../../configs/collector/proof.ts";
import { collectorServices } from "../../configs/collector/service.ts";
import { grafanaService } from "../../configs/grafana/server.ts";
import { greptimedbServices, greptimedbTasks } from "../../configs/greptimedb/services.ts";
import { isInside, startOrder, type InsideCall, type Service, type Task } from "../../configs/service.ts";
import { clusterValues, elsewhereValues, externalValues, settingsOf } from "../support/settings.ts";

type Values = Record<string, unknown>;

const clustered = (cluster: Values, more: Values = {}): Values => ({
  greptimedb: { topology: "cluster", cluster },
  ...more,
});

/** Stacks whose parts must find each other, all of them and on both platforms. */
const stacks: Record<string, Values> = {
  standalone: {},
  external: externalValues,
  "managed external": {
    ...externalValues,
    greptimedb: { topology: "external", external: { host: "db.example.com", manageDatabases: true } },
    greptimedbAdminPassword: "admin-password",
  },
  cluster: clusterValues,
  elsewhere: elsewhereValues,
  "large cluster": clustered({
    frontend: { replicas: 3 },
    flownode: { replicas: 2 },
    metadata: { etcd: { members: 5 } },
  }),
  "external etcd": clustered({ metadata: { etcd: { endpoints: ["etcd.example.com:2379"] } } }),
  ports: { greptimedb: { topology: "cluster", ports: { http: "off", grpc: 4001, mysql: 4002, postgres: 4003 } } },
  exposed: { ...clusterValues, collector: { ports: { prometheus: 8889 } } },
};
const rows = Object.entries(stacks).flatMap(([name, values]) =>
  ["docker", "kubernetes"].map((platform) => ({ name, platform, values: { platform, ...values } })),
);

interface Parts {
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
}

function partsOf(values: Values): Parts {
  const settings = settingsOf(values);
  return {
    services: [
      ...greptimedbServices(settings),
      ...collectorServices(settings),
      grafanaService(settings, "http://grafana.example.com"),
    ],
    tasks: [...greptimedbTasks(settings), proofTask(settings)],
  };
}

const callsOf = (part: Service | Task): InsideCall[] =>
  [...part.calls, ...("check" in part ? part.check.calls : [])].filter(isInside);

const address = ({ to, port }: InsideCall): string => `${to}:${String(port)}`;

/** GreptimeDB always listens for gRPC; it is for people's own clients. The collector scrapes itself, on loopback. */
const unasked = ["greptimedb:4001", "greptimedb-frontend:4001", "collector:8888"];

describe.each(rows)("the connections of $name on $platform", ({ values }) => {
  const { services, tasks } = partsOf(values);
  const parts = [...services, ...tasks];
  const called = new Set(parts.flatMap(callsOf).map(address));

  it("all end at a service of the stack that listens there", () => {
    const listening = new Set(
      services.flatMap(({ name, ports }) => ports.map(({ port }) => address({ to: name, port }))),
    );
    expect([...called].filter((to) => !listening.has(to))).toEqual([]);
  });

  it("are why anything listens, unless people or a platform ask there", () => {
    const idle = services.flatMap(({ name, ports, health }) =>
      ports
        .filter((port) => port.open === undefined && port.published === undefined && port.port !== health.http?.port)
        .map(({ port }) => address({ to: name, port }))
        .filter((at) => !called.has(at)),
    );
    expect(idle.filter((at) => !unasked.includes(at))).toEqual([]);
  });

  it("are each said once, with ports that there are", () => {
    for (const { name, calls } of parts) {
      const texts = calls.map((call) => JSON.stringify(call));
      expect(texts, name).toEqual([...new Set(texts)]);
      for (const call of calls) {
        const ports = isInside(call) ? [call.port] : call.ports;
        expect(ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)).toBe(true);
      }
    }
  });

  it("need no one who is not there, and no circle", () => {
    const names = new Set(parts.map(({ name }) => name));
    for (const { name, needs } of parts)
      expect(
        needs.filter((need) => !names.has(need)),
        name,
      ).toEqual([]);
    for (const { name, targets } of tasks)
      expect(
        targets.filter((target) => !names.has(target)),
        name,
      ).toEqual([]);
    expect(startOrder(parts)).toHaveLength(parts.length);
  });

  it("name ports once in a service", () => {
    for (const { name, ports } of services) {
      expect(new Set(ports.map((port) => port.name)).size, name).toBe(ports.length);
      expect(new Set(ports.map(({ port }) => port)).size, name).toBe(ports.length);
    }
  });
});

describe("the connections of a cluster", () => {
  const edges = (values: Values) =>
    Object.fromEntries(
      greptimedbServices(settingsOf(values)).map((service) => [service.name.slice(11), callsOf(service).map(address)]),
    );

  it("are these and no others", () => {
    expect(edges(clusterValues)).toEqual({
      etcd: [],
      metasrv: ["greptimedb-etcd:2379", "greptimedb-datanode:3001"],
      datanode: ["greptimedb-metasrv:3002"],
      frontend: ["greptimedb-metasrv:3002", "greptimedb-datanode:3001"],
      proxy: ["greptimedb-frontend:4000"],
    });
  });

  it("are these with flownodes, several frontends and everything kept elsewhere", () => {
    expect(edges(elsewhereValues)).toEqual({
      metasrv: ["greptimedb-datanode:3001", "greptimedb-flownode:6800", "greptimedb-frontend:4010"],
      datanode: ["greptimedb-metasrv:3002"],
      frontend: [
        "greptimedb-metasrv:3002",
        "greptimedb-datanode:3001",
        "greptimedb-flownode:6800",
        "greptimedb-frontend:4010",
      ],
      flownode: ["greptimedb-metasrv:3002", "greptimedb-datanode:3001", "greptimedb-frontend:4010"],
      proxy: ["greptimedb-frontend:4000"],
    });
    const outside = greptimedbServices(settingsOf(elsewhereValues)).flatMap(({ name, calls }) =>
      calls.filter((call) => !isInside(call)).map((call) => [name.slice(11), call]),
    );
    expect(outside).toEqual([
      ["metasrv", { outside: "the postgres with the cluster's metadata", ports: [] }],
      ["metasrv", { outside: "the brokers of Kafka", ports: [9094] }],
      ["datanode", { outside: "the object storage", ports: [443] }],
      ["datanode", { outside: "the brokers of Kafka", ports: [9094] }],
    ]);
  });

  it("several frontends ask each other for running queries, where they say they are", () => {
    expect(edges(clustered({ frontend: { replicas: 2 } }))["frontend"]).toContain("greptimedb-frontend:4001");
    expect(edges(clustered({ flownode: { replicas: 1 } }))["frontend"]).toContain("greptimedb-frontend:4010");
  });
});
