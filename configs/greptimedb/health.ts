import type { Health } from "../service.ts";
import { ports } from "./store.ts";

/**
 * Every kind of GreptimeDB process answers `/health` once it is up, and nothing else but that. Whether it answers as
 * well is the bootstrap's to find out.
 * @param startupSeconds within which it must have opened what it has
 */
export const httpHealth = (startupSeconds: number): Health => ({
  http: { port: ports.http, path: "/health" },
  command: ["curl", "-fsS", "-o", "/dev/null", "--max-time", "4", `http://127.0.0.1:${String(ports.http)}/health`],
  startupSeconds,
});
