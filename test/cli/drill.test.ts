import { spawn } from "node:child_process";

import { describe, expect, it, onTestFinished } from "vitest";

import { drill, partedBy } from "../../cli/drill.ts";
import { drillSettings, drillsOf, healthyTraffic, isStory, type Drill } from "../../cli/drill/drills.ts";
import { phases, usual } from "../../cli/drill/failures.ts";
import { drillLive } from "../../cli/drill/live.ts";
import { drillRules, playLive } from "../../cli/drill/live/play.ts";
import { sampleAt, timelineOf } from "../../cli/drill/live/samples.ts";
import { playOnPromtool } from "../../cli/drill/on-promtool.ts";
import { points, step } from "../../cli/drill/traffic.ts";
import { basic } from "../../cli/running/http.ts";
import type { Target } from "../../cli/running/target.ts";
import { toolCalls } from "../../dashboards/agents/metrics.ts";
import { rulesFor } from "../../dashboards/content.ts";
import { ruleTitle } from "../../dashboards/rule.ts";
import { stateElements } from "../../dashboards/agents/metrics.ts";
import { storedName } from "../../dashboards/stored-name.ts";
import { FakeDrillStack } from "../support/fake-drill.ts";
import { access, adminAccess, placesOf, readerAccess } from "../support/fake-stack.ts";
import { recordingServer } from "../support/http.ts";
import { output } from "../support/output.ts";
import { everything } from "../support/queries.ts";

const all = drillsOf(drillSettings());
const named = (title: string): Drill => all.find((one) => one.title === title)!;

async function said(args: readonly string[], columns = 0): Promise<{ code: number; stdout: string }> {
  const { stream, text } = output(columns);
  const code = await drill(args, { stdout: stream, stderr: stream as never, env: {}, once: () => process });
  return { code, stdout: text() };
}

describe("drill --list", () => {
  it("has every rule that is shipped, with a story that breaks it and traffic that must not", async () => {
    const { code, stdout } = await said(["--list", "--json"]);
    const listed = JSON.parse(stdout) as { rule: string; breaks: object; spares: object }[];
    expect(code).toBe(0);
    const shipped = [...rulesFor(everything()).values()].flat().map(ruleTitle);
    expect(listed.map(({ rule }) => rule.replace("(shop)", "(checkout)")).sort()).toEqual(shipped.sort());
    for (const { rule, breaks, spares } of listed) {
      expect(Object.keys(breaks).length, rule).toBeGreaterThan(0);
      expect(Object.keys(spares).length, rule).toBeGreaterThan(0);
    }
    const stories = listed.filter(({ breaks }) => "series" in breaks);
    expect(listed.length - stories.length).toBe(2);
    expect(stories.every(({ breaks }) => (breaks as { series: number }).series > 0)).toBe(true);
  });

  it("lets a rule of a pack without stories be, and says where its story would be told", async () => {
    expect(all.filter(({ failure }) => !isStory(failure) && failure.how === "untold")).toEqual([]);
    const untold: Drill = {
      ...named("QueueBacklog"),
      pack: "billing",
      failure: { how: "untold", breaks: "", spares: "" },
    };
    const outcome = {
      title: "QueueBacklog",
      state: "skipped",
      detail: "nobody has told its story: cli/drill/proofs/billing.ts",
    };
    expect(playOnPromtool(untold, all)).toEqual(outcome);
    // nothing of the stage is touched
    expect(await playLive(untold, all, {} as never)).toEqual(outcome);
  });

  it("leaves out what a stack does not have", () => {
    const chosen = [named("QueueBacklog"), named("ServiceTelemetryAbsent (shop)"), named("DeliveryLedgerGap")];
    const [there, absent] = partedBy(chosen, ["QueueBacklog", "ServiceTelemetryAbsent (checkout)", "Watchdog"]);
    expect(there).toEqual(chosen.slice(0, 2));
    expect(absent).toEqual(chosen.slice(2));
    expect(partedBy(chosen, undefined)).toEqual([chosen, []]);
  });

  it.each([80, 100, 120])("fits into %d columns", async (columns) => {
    const { stdout } = await said(["--list"], columns);
    const lines = stdout.split("\n");
    expect(lines.length).toBeGreaterThan(all.length);
    expect(lines.filter((line) => line.length > Math.max(columns, 98))).toEqual([]);
  });
});

describe("the command", () => {
  it("wants to know which rule, and knows what was meant", async () => {
    await expect(said([])).rejects.toThrow("Name a rule (--rule), or take --all");
    await expect(said(["--rule", "HighErorRate", "--rule", "x"])).rejects.toThrow(
      "--rule HighErorRate: there is no such rule. Did you mean HighErrorRate?\n--rule x: there is no such rule",
    );
  });

  it("says in its help which options there are, within a terminal", async () => {
    const { stdout } = await said(["--help"]);
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
  });
});

describe("a story's samples", () => {
  it("are those that promtool would make of it", () => {
    const [counted] = points(toolCalls, "agent", { tool_name: "search", status: "error" }, phases(0, 2));
    const { name, labels, at } = timelineOf(counted!);
    expect(name).toBe("agent_tool_calls_total");
    expect(labels).toMatchObject({ tool_name: "search", service_name: "agent", instance: "agent-1" });
    const before = sampleAt(usual.well);
    // promtool's 0+0x119 are 120 samples, then 0+30x159
    expect([at(0), at(before), at(before + 1), at(before + 160)]).toEqual([0, 0, 2 * step, 160 * 2 * step]);
    expect(at(sampleAt(usual.well + usual.ill + usual.after))).toBeUndefined();
  });

  it("may be missing, negative or tiny", () => {
    const { at } = timelineOf({ series: 'x{a="1"}', values: "_x2 -1.5-0.5x2 1e-7+2e-7x1 5x0" });
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(at)).toEqual([
      undefined,
      undefined,
      -1.5,
      -2,
      -2.5,
      1e-7,
      3e-7,
      5,
      undefined,
    ]);
    const [silent] = points(stateElements, "agent", {}, phases(1, "silent", 2));
    expect(timelineOf(silent!).at(sampleAt(usual.well))).toBeUndefined();
    expect(timelineOf(silent!).at(sampleAt(usual.well + usual.ill))).toBe(2);
  });

  it.each(["", "1", "a+bx3", "1+2", "stale"])("are refused when they read %j", (values) => {
    expect(() => timelineOf({ series: 'x{a="1"}', values })).toThrow("no values");
  });

  it("of every story can be read, under names that GreptimeDB leaves as they are", () => {
    const stories = all.flatMap(({ failure, few }) => [
      ...(isStory(failure) ? failure.series : []),
      ...(few?.series ?? []),
    ]);
    const names = new Set([...stories, ...healthyTraffic()].map((series) => timelineOf(series).name));
    expect(names.size).toBeGreaterThan(100);
    for (const name of names) expect(storedName({ name, kind: "gauge", unit: "", route: "otlp" })).toBe(name);
  });
});

describe("the rules of a drill", () => {
  const rules = drillRules(named("ToolErrorRatioHigh"), all, "http://localhost:3001", true);

  it("look at the drill's data source only, have its label, and tell nobody", () => {
    for (const { datas, labels, notificationSettings, uid } of rules) {
      expect(
        datas.every(({ datasourceUid }) => ["greptime-observability-drill", "__expr__"].includes(datasourceUid)),
      ).toBe(true);
      expect(labels["drill"]).toBe("true");
      expect(notificationSettings).toBeUndefined();
      expect(uid).toMatch(/^drill-[0-9a-f]{16}$/);
    }
  });

  it("are that which is drilled, cut short, and all others with their own time to hold", () => {
    expect(rules[0]).toMatchObject({ name: "ToolErrorRatioHigh", for: "10s" });
    expect(rules[0]!.keepFiringFor).toBeUndefined();
    expect(rules.length).toBeGreaterThan(50);
    expect(rules.find(({ name }) => name === "QueueBacklog")).toMatchObject({ for: "5m", keepFiringFor: "5m" });
    const slow = drillRules(named("ToolErrorRatioHigh"), all, "", false);
    expect(slow[0]).toMatchObject({ for: "5m" });
    // a rule has the same uid in each drill, and no two have one
    const uids = drillRules(named("QueueBacklog"), all, "", true).map(({ uid, name }) => [name, uid]);
    expect(uids).toContainEqual(["ToolErrorRatioHigh", rules[0]!.uid]);
    expect(new Set(uids.map(([, uid]) => uid)).size).toBe(uids.length);
  });
});

/** A drill of one rule on the stack. */
async function played(title: string, prepare: (stack: FakeDrillStack) => void = () => undefined, fast = true) {
  const stack = new FakeDrillStack();
  const { failure } = named(title);
  stack.alert = { labels: isStory(failure) ? failure.labels : {} };
  prepare(stack);
  const server = await recordingServer(stack.answer);
  onTestFinished(() => server.close());
  const greptimedb = { url: server.url, authorization: readerAccess };
  const target: Target = {
    otlp: undefined,
    grafana: { url: server.url, authorization: adminAccess },
    greptimedb,
    writer: { url: server.url, authorization: basic("writer", "the-writer-password") },
    databases: { metrics: "metrics", traces: "traces", logs: "logs" },
  };
  const left: string[] = [];
  const run = drillLive([named(title)], all, target, {
    fast,
    clock: stack.clock,
    tell: () => undefined,
    say: (text) => left.push(text),
  });
  return { run, stack, server, left };
}

describe("a drill on a stack", () => {
  it("is silent while all is well, fires, ends, and leaves nothing behind", async () => {
    const { run, stack, server, left } = await played("ToolErrorRatioHigh");
    const written: string[] = [];
    const [outcome] = await run;
    expect(outcome).toMatchObject({ state: "passed", pendingAfter: 10, detectedAfter: 20 });
    expect(outcome!.resolvedAfter).toBeLessThan(30);
    expect(left).toEqual([]);
    expect([...stack.databases.keys()]).toEqual([]);
    expect(new Set(stack.dropped)).toEqual(new Set(["drill_well", "drill_ill", "drill_again"]));
    expect([stack.folder, stack.source, stack.silence, stack.rules]).toEqual([false, undefined, undefined, []]);
    for (const { headers, path } of server.requests) {
      if (path.startsWith("/v1/")) written.push(String(headers["x-greptime-db-name"] ?? "sql"));
    }
    // nobody's data: only databases of its own are written to
    expect(new Set(written)).toEqual(new Set(["sql", "drill_well", "drill_ill", "drill_again"]));
  });

  it("silences its alerts before there is a rule that could fire", async () => {
    const { run, stack, server } = await played("ToolErrorRatioHigh");
    await run;
    const order = stack.log.filter((line) => /^(POST|PUT).*(silences|rule-groups)/.test(line));
    expect(order[0]).toContain("silences");
    const silence = server.requests.find(({ path }) => path.includes("/silences"))!;
    expect(JSON.parse(silence.body)).toMatchObject({ matchers: [{ name: "drill", value: "true", isEqual: true }] });
  });

  it("has the passwords in no address and in no rule", async () => {
    const { run, server } = await played("ToolErrorRatioHigh");
    await run;
    const telling = server.requests.filter(({ body, path }) => (path + body).includes("-password"));
    expect(new Set(telling.map(({ path }) => path))).toEqual(
      new Set(["/api/datasources", "/api/datasources/uid/greptime-observability-drill"]),
    );
  });

  it("has the past of a failure from the beginning, and goes on with it", async () => {
    const stored = new Map<string, number>();
    const { run } = await played("RequestErrorBudgetBurnSlow", (stack) => {
      stack.instead = (request, line) => {
        if (line === "POST /v1/otlp/v1/metrics") {
          const database = String(request.headers["x-greptime-db-name"]);
          stored.set(database, (stored.get(database) ?? 0) + request.raw.length);
        }
        return undefined;
      };
    });
    expect((await run)[0]).toMatchObject({ state: "passed" });
    // a day and fourteen hours, each 15 s, of several series
    expect(stored.get("drill_ill")!).toBeGreaterThan(500_000);
  });

  it("takes its own time if it is not to be fast", async () => {
    const { run, stack } = await played(
      "ToolErrorRatioHigh",
      (one) => {
        one.firesIn = [];
      },
      false,
    );
    const before = stack.now;
    expect((await run)[0]).toMatchObject({ state: "failed", detail: "it did not fire (inactive)" });
    // twelve minutes, and a grace
    expect((stack.now - before) / 1000).toBeGreaterThan(12 * 60 + 60);
  });

  it.each<[string, (stack: FakeDrillStack) => void, string]>([
    ["fires while all is well", (s) => (s.firesIn = ["drill_well", "drill_ill"]), "it fires while all is well"],
    ["never fires", (s) => (s.firesIn = []), "it did not fire (inactive)"],
    ["never ends", (s) => (s.firesIn = ["drill_ill", "drill_again"]), "it goes on firing (firing)"],
    [
      "fires for another",
      (s) => (s.alert = { labels: { tool_name: "calculator" } }),
      "its labels are severity=warning, tool_name=calculator instead of severity=warning, tool_name=search",
    ],
    ["has no value", (s) => (s.alert = { ...s.alert, value: "" }), "the alert has no value"],
    [
      "has a text that is not filled in",
      (s) => (s.alert = { ...s.alert, annotations: { summary: "{{ $values.A }} fail" } }),
      "its summary is not filled in: {{ $values.A }} fail",
    ],
    [
      "links to panels that are not there",
      (s) => (s.boards = false),
      "the link to the panel leads nowhere; the link to the runbook of tool-error-ratio-high leads nowhere",
    ],
    ["wakes another", (s) => (s.others = ["QueueBacklog"]), "QueueBacklog fired, too"],
  ])("fails when a rule %s", async (_, prepare, detail) => {
    const { run, stack, left } = await played("ToolErrorRatioHigh", prepare);
    const [outcome] = await run;
    expect(outcome).toMatchObject({ state: "failed" });
    expect(outcome!.detail).toBe(detail);
    expect([left, stack.folder, stack.silence, stack.databases.size]).toEqual([[], false, undefined, 0]);
  });

  it("takes the data source away from the rule that watches it", async () => {
    const { run, stack } = await played("MetricsDatasourceDown", (one) => {
      one.firesIn = [];
      one.alert = { labels: { datasource_uid: "x", ref_id: "A" }, value: "" };
    });
    expect((await run)[0]).toMatchObject({ state: "passed" });
    expect(stack.source).toBeUndefined();
  });

  it("sees that the watchdog fires", async () => {
    const fires = await played("Watchdog", (stack) => (stack.firesIn = ["drill_well"]));
    expect((await fires.run)[0]).toMatchObject({ state: "passed" });
    const silent = await played("Watchdog");
    expect((await silent.run)[0]).toMatchObject({ state: "failed" });
  });

  it.each([
    ["POST /v1/sql", 403, "GREPTIMEDB_WRITER_USER"],
    ["POST /v1/otlp/v1/metrics", 401, "GREPTIMEDB_WRITER_USER"],
    ["POST /api/datasources", 403, "A drill needs Grafana's administrator"],
    ["POST /api/folders", 500, "the folder cannot be made: HTTP 500"],
    ["GET /api/prometheus/grafana/api/v1/rules", 502, "rules cannot be read: HTTP 502"],
  ])("that is refused at %s with %d says so, and is cleaned up", async (at, status, words) => {
    const { run, stack } = await played("ToolErrorRatioHigh", (one) => {
      one.instead = (request, line) =>
        line === at && !request.body.includes("DROP") ? { status, body: "no" } : undefined;
    });
    await expect(run).rejects.toThrow(words);
    expect([stack.folder, stack.source, stack.silence, stack.databases.size]).toEqual([false, undefined, undefined, 0]);
  });

  it("that is broken off is cleaned up", async () => {
    const { run, stack } = await played("ToolErrorRatioHigh", (one) => {
      Object.assign(one.clock, { sleep: () => Promise.reject(new Error("interrupted")) });
    });
    await expect(run).rejects.toThrow("interrupted");
    expect([stack.folder, stack.source, stack.silence, stack.databases.size]).toEqual([false, undefined, undefined, 0]);
  });

  it("is the command's, from its options to Ctrl-C, after which nothing is left", async () => {
    const { run: unused, server, stack } = await played("ToolErrorRatioHigh");
    await unused;
    const env = { PATH: process.env["PATH"] ?? "", ...access };
    const args = ["cli/drill.ts", "--rule", "ToolErrorRatioHigh", "--fast", ...placesOf(server.url)];
    const child = spawn(process.execPath, args, { env });
    const said: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    await expect.poll(() => stack.rules.length, { timeout: 20_000 }).toBeGreaterThan(0);
    child.kill("SIGINT");
    expect(await ended).toBe(1);
    expect(said.join("")).toBe("Interrupted.\n");
    expect([stack.folder, stack.source, stack.silence, stack.databases.size]).toEqual([false, undefined, undefined, 0]);
  });

  it("says what it could not remove", async () => {
    const { run, left } = await played("ToolErrorRatioHigh", (stack) => {
      stack.instead = (_, line) => (line.startsWith("DELETE /api/folders") ? { status: 500 } : undefined);
    });
    await run;
    expect(left).toEqual(["Not removed: the folder Drill with its rules. The next drill tries again."]);
  });
});
