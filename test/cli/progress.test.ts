import { describe, expect, it } from "vitest";

import { Progress } from "../../cli/progress.ts";
import { wrapped } from "../../cli/terminal.ts";

const plainStyle = { bold: String, dim: String, good: String, bad: String, warn: String };

function watched(interactive = false) {
  const written: string[] = [];
  let time = 0;
  const progress = new Progress({
    write: (text) => written.push(text),
    style: plainStyle,
    now: () => time,
    interactive,
  });
  const event = (content: object) => {
    progress.onEvent({ sequence: 1, timestamp: 1, ...content });
  };
  const metadata = (name: string, op: string, type = "docker:index/container:Container", old: object = {}) => ({
    metadata: { old, op, urn: `urn:pulumi:dev::p::${type}::${name}`, type, provider: "" },
  });
  return {
    progress,
    text: () => written.join(""),
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
    pre: (name: string, op: string, type?: string) => {
      event({ resourcePreEvent: metadata(name, op, type) });
    },
    done: (name: string, op: string, type?: string, old?: object) => {
      event({ resOutputsEvent: metadata(name, op, type, old) });
    },
    failed: (name: string, op: string) => {
      event({ resOpFailedEvent: { ...metadata(name, op), status: 1, steps: 1 } });
    },
    diagnostic: (severity: string, message: string, urn = "") => {
      event({ diagnosticEvent: { severity, message, urn, color: "never" } });
    },
  };
}

describe("progress", () => {
  it("says what changed, and how long it took if it took long", () => {
    const { pre, done, wait, text, progress } = watched();
    pre("network", "create", "docker:index/network:Network");
    done("network", "create", "docker:index/network:Network");
    pre("db", "create");
    wait(12_400);
    done("db", "create");
    pre("old", "delete");
    done("old", "delete");
    expect(text()).toBe("  ✔ network created\n  ✔ db created in 12 s\n  ✔ old deleted\n");
    expect(progress.changes).toBe(3);
  });

  it("says what is kept", () => {
    const { pre, done, text } = watched();
    pre("data", "delete");
    done("data", "delete", undefined, { retainOnDelete: true });
    pre("image", "delete", "docker:index/remoteImage:RemoteImage");
    done("image", "delete", "docker:index/remoteImage:RemoteImage");
    expect(text()).toBe("  ✔ data kept\n  ✔ image kept\n");
  });

  it("counts a replacement once", () => {
    const { pre, done, text, progress } = watched();
    for (const op of ["delete-replaced", "replace", "create-replacement"]) {
      pre("db", op);
      done("db", op);
    }
    expect(text()).toBe("  ✔ db replaced\n");
    expect(progress.changes).toBe(1);
  });

  it("says nothing of what stays, of components and of providers", () => {
    const { pre, done, text, progress } = watched();
    pre("db", "same");
    done("db", "same");
    pre("group", "create", "greptime-observability:greptimedb:GreptimeDb");
    done("group", "create", "greptime-observability:greptimedb:GreptimeDb");
    done("docker", "create", "pulumi:providers:docker");
    expect(text()).toBe("");
    expect(progress.changes).toBe(0);
  });

  it("says what it waits for", () => {
    const { pre, wait, progress, text } = watched();
    pre("db", "create");
    wait(30_000);
    pre("image", "create");
    progress.tick();
    expect(text()).toBe("  … waiting for db (30 s) and 1 more\n");
  });

  it("on a terminal keeps that to one line, and wipes it", () => {
    const { pre, done, progress, text } = watched(true);
    pre("db", "create");
    progress.tick();
    done("db", "create");
    const line = "  … waiting for db (0 s)";
    expect(text()).toBe(`${line}\r${" ".repeat(line.length)}\r  ✔ db created\n`);
  });

  it("remembers what failed", () => {
    const { pre, failed, done, progress } = watched();
    pre("db", "create");
    pre("network", "create");
    failed("db", "create");
    done("network", "create");
    expect(progress.failed).toEqual(["urn:pulumi:dev::p::docker:index/container:Container::db"]);
  });

  it("collects errors, and shows warnings at once", () => {
    const { pre, failed, diagnostic, progress, text } = watched();
    pre("db", "create");
    failed("db", "create");
    diagnostic("error", "<{%fg 1%}>container failed to be in healthy state<{%reset%}>\n", "urn:pulumi:dev::p::t::db");
    diagnostic(
      "error",
      "sdk-v2/provider2.go:571: sdk.helper_schema: the same: provider=docker@5.2.0",
      "urn:pulumi:dev::p::t::db",
    );
    diagnostic(
      "error",
      "deleting urn:pulumi:dev::p::t::network: 1 error occurred:\n\t* timeout while waiting",
      "urn:pulumi:dev::p::t::network",
    );
    diagnostic(
      "error",
      "1 error occurred:\n\t* creating urn:pulumi:dev::p::t::db: 1 error occurred:\n\t* container failed\n",
      "urn:pulumi:dev::p::t::db",
    );
    diagnostic(
      "error",
      "updating urn:pulumi:dev::p::a$t::rules: 1 error occurred:\n\t* updating urn:pulumi:dev::p::a$t::rules: 1 error occurred:\n\t* invalid alert rule\n",
      "urn:pulumi:dev::p::a$t::rules",
    );
    diagnostic("error", "update failed", "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev");
    diagnostic("warning", "resource plugin docker is old");
    diagnostic("info", "   ");
    diagnostic("debug", "RegisterResource RPC finished: auth admin:the-password");
    diagnostic("info#err", "[DEBUG] waiting for container healthy state");
    expect(progress.errors).toEqual([
      "db: container failed to be in healthy state",
      "network: timeout while waiting",
      "db: container failed",
      "rules: invalid alert rule",
    ]);
    expect(text()).toBe("  ✘ db could not be created\n  ! resource plugin docker is old\n");
  });
});

describe("wrapping", () => {
  it("breaks between words, and never inside one", () => {
    expect(wrapped("aaa bbb ccc", 7, "  ")).toBe("aaa bbb\n  ccc");
    expect(wrapped("a-very-long-word b", 5, "")).toBe("a-very-long-word\nb");
  });
});
