import { describe, expect, it } from "vitest";

import { SettingsError, type Problem } from "../../configs/settings/problems.ts";
import { configurationOf, settingsOf } from "../support/settings.ts";

function problemsOf(values: Record<string, unknown>): readonly Problem[] {
  try {
    configurationOf(values);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const kubernetes = (grafana: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  platform: "kubernetes",
  grafana,
  ...more,
});
const postgres = { kind: "postgres", host: "db.example.com:5432" };
const password = { grafanaDatabasePassword: "the-database-password" };
const contactPoint = (type: string, secret: string) => ({
  alerts: { contactPoints: [{ name: "a", type }] },
  contactPointSecrets: { a: secret },
});

describe("hostile settings of Grafana", () => {
  it.each([
    [kubernetes({ publish: "api" }), "grafana.publish", /^files, because .* cannot reach/, /publish' files, or .*host/],
    [kubernetes({ replicas: 2 }), "grafana.replicas", /a volume belongs to one Grafana/, /kind' postgres/],
    [{ grafana: { replicas: 2 } }, "grafana.replicas", /1 on Docker/, /replicas' 1/],
    [{ grafana: { replicas: 2, database: postgres }, ...password }, "grafana.replicas", /1 on Docker/, /replicas' 1/],
    [
      { grafana: { database: { kind: "postgres" } }, ...password },
      "grafana.database.host",
      /server, because .* postgres/,
      /host' postgres\.example\.com:5432/,
    ],
    [
      { grafana: { database: { host: "db:5432" } } },
      "grafana.database.host",
      /nothing, because .* volume/,
      /kind' postgres/,
    ],
    [{ grafana: { database: postgres } }, "grafanaDatabasePassword", /it is not set/, /--secret/],
    [
      { grafana: { database: postgres }, grafanaDatabasePassword: "two words" },
      "grafanaDatabasePassword",
      /without spaces/,
      /--secret/,
    ],
    [
      { grafana: { database: postgres }, ...password, grafanaSecretKey: "short" },
      "grafanaSecretKey",
      /12 to 128/,
      /--secret/,
    ],
    [contactPoint("webhook", 'http://a/"b'), "contactPointSecrets.a", /without quotes/, /--secret/],
    [contactPoint("slack", "http://a/\\b"), "contactPointSecrets.a", /without quotes/, /--secret/],
    [contactPoint("pagerduty", 'key"12345678'), "contactPointSecrets.a", /without spaces, quotes/, /--secret/],
  ])("%j are refused at %s", (values, key, expected, remedy) => {
    const problems = problemsOf(values);
    expect(problems.map((problem) => problem.key)).toEqual([key]);
    expect(problems[0]?.expected).toMatch(expected);
    expect(problems[0]?.remedy).toMatch(remedy);
  });
});

describe("good settings of Grafana", () => {
  it.each([
    ["files on Docker", { grafana: { publish: "files" } }],
    ["PostgreSQL on Docker", { grafana: { database: postgres }, ...password }],
    ["replicas on Kubernetes", kubernetes({ replicas: 3, database: postgres }, password)],
    [
      "the API through an ingress",
      kubernetes(
        { publish: "api" },
        { kubernetes: { ingress: { grafana: { host: "g.example.com", tlsSecret: "g" } } } },
      ),
    ],
    [
      "a contact point with every character that a URL has",
      contactPoint("webhook", "https://a/b?c=d&e=<f>#g%20h$i`j|k;l"),
    ],
  ])("are taken: %s", (_, values) => {
    expect(problemsOf(values)).toEqual([]);
  });

  it("publish by files on Kubernetes and through the API on Docker, unless told otherwise", () => {
    expect(settingsOf(kubernetes({})).grafana.publish).toBe("files");
    expect(settingsOf().grafana.publish).toBe("api");
  });
});
