import type { Call, Service } from "../../service.ts";
import type { Settings } from "../../settings/settings.ts";
import { replicaIndex, text, type Text } from "../../text.ts";
import { directories } from "../config.ts";
import { memoryShares, partOf } from "../memory.ts";
import { httpServer, listenOn, logging } from "../parts.ts";
import { secretValue, toml } from "../toml.ts";
import { callsMetasrv, metaClient, processService } from "./process.ts";
import { ownAddress, rolePorts, roles } from "./roles.ts";
import { callsKafka, kafka } from "./wal.ts";

/** Keeps regions: their files, or with object storage a cache of them, and the log of their latest writes. */
export function datanodeService(settings: Settings): Service {
  const { datanode, storage } = settings.greptimedb.cluster;
  const { s3 } = storage;
  const service = processService(settings, {
    role: "datanode",
    config: datanodeConfig(settings),
    args: ["--grpc-server-addr", ownAddress("datanode", rolePorts.datanode)],
    // regions are registered under this number: it must never belong to another volume
    env: { GREPTIMEDB_DATANODE__NODE_ID: text`${replicaIndex}` },
    ports: [{ name: "grpc", port: rolePorts.datanode }],
    memoryMiB: datanode.memory,
    cpuMillis: 1000,
    // the listener opens only after the write-ahead log was replayed and all regions were opened
    startupSeconds: 900,
    stopGraceSeconds: 60,
    needs: [roles.metasrv],
    calls: [callsMetasrv, ...callsStorage(settings), ...callsKafka(settings)],
  });
  const annotations = storage.kind === "s3" ? s3.identityAnnotations : {};
  return {
    ...service,
    kind: "stateful",
    mounts: [{ volume: "data", path: directories.data, sizeMiB: datanode.disk }],
    ...(Object.keys(annotations).length === 0 ? {} : { identityAnnotations: annotations }),
  };
}

export function datanodeConfig(settings: Settings): Text {
  const { datanode, storage } = settings.greptimedb.cluster;
  const share = memoryShares(datanode.memory);
  const disk = diskShares(datanode.disk);
  return toml({
    enable_telemetry: false,
    grpc: { bind_addr: listenOn(rolePorts.datanode) },
    http: httpServer,
    meta_client: metaClient(settings),
    storage: { data_home: directories.data, ...store(settings) },
    wal: log(settings),
    query: { memory_pool_size: "30%" },
    logging,
    region_engine: [
      {
        mito: {
          ...share.mito,
          ...(storage.kind === "s3" ? { write_cache_size: disk.cache } : {}),
          index: { ...share.index, staging_size: disk.indexStaging },
        },
      },
    ],
  });
}

/** How the volume is shared out with object storage; the rest is the log of writes, log files, and slack. */
function diskShares(diskMiB: number) {
  const part = partOf(diskMiB);
  return { cache: part(1 / 2), indexStaging: part(1 / 16, 2048), logPurge: part(1 / 16, 1024) };
}

function store({ greptimedb: { cluster } }: Settings) {
  const { kind, s3 } = cluster.storage;
  if (kind === "volume") return { type: "File" };
  return {
    type: "S3",
    bucket: s3.bucket,
    root: s3.root,
    region: s3.region,
    ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint }),
    enable_virtual_host_style: s3.virtualHostStyle,
    ...(s3.credentials === "identity"
      ? {}
      : {
          access_key_id: secretValue("greptimedbS3AccessKeyId"),
          secret_access_key: secretValue("greptimedbS3SecretAccessKey"),
        }),
  };
}

function log(settings: Settings) {
  const { wal, datanode } = settings.greptimedb.cluster;
  return wal.kind === "local"
    ? { provider: "raft_engine", file_size: "64MB", purge_threshold: diskShares(datanode.disk).logPurge }
    : kafka(settings);
}

function callsStorage({ greptimedb: { cluster } }: Settings): Call[] {
  const { kind, s3 } = cluster.storage;
  if (kind === "volume") return [];
  const url = new URL(s3.endpoint ?? "https://s3.amazonaws.com");
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return [
    { outside: "the object storage", ports: [port] },
    ...(s3.credentials === "identity" ? [{ outside: "the cloud's service for identities", ports: [80, 443] }] : []),
  ];
}
