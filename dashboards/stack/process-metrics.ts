import { counter, gauge } from "../metric.ts";

/** What most programs with a Prometheus endpoint say of their process; the label job tells them apart. */

export const processMemory = gauge({
  name: "process_resident_memory_bytes",
  unit: "By",
  route: "scrape",
  help: "Memory that a process has in RAM.",
  emittedBy: "GreptimeDB, Grafana and others that are scraped",
  labels: {},
});

export const processCpu = counter({
  name: "process_cpu_seconds_total",
  unit: "s",
  route: "scrape",
  help: "CPU time that a process has used.",
  emittedBy: "GreptimeDB, Grafana and others that are scraped",
  labels: {},
});
