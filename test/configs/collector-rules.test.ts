import { describe, expect, it } from "vitest";

import { SettingsError } from "../../configs/settings/problems.ts";
import { configurationOf, settingsOf } from "../support/settings.ts";

/** Settings of the collector that contradict each other or the platform. */

function problems(values: Record<string, unknown>) {
  try {
    configurationOf(values);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const onDocker = (collector: Record<string, unknown>) => ({ collector });
const inCluster = (collector: Record<string, unknown>) => ({ platform: "kubernetes", collector });

const pem = (what: string) => `-----BEGIN ${what}-----\nTUlJQg==\n-----END ${what}-----\n`;
const certificate = pem("CERTIFICATE");
const privateKey = pem("PRIVATE KEY");

describe("the collector's settings", () => {
  it.each([
    [onDocker({ replicas: 2 }), "collector.replicas", /same ports of one machine; platform is docker/, /replicas' 1$/],
    [
      onDocker({ tlsSecret: "tls" }),
      "collector.tlsSecret",
      /keeps no Secrets of type kubernetes\.io\/tls/,
      /tlsCertificate/,
    ],
    [onDocker({ tlsCertificate: "pem" }), "collector.tlsCertificate", /a certificate in PEM/, /./],
    [onDocker({ tlsCertificate: privateKey }), "collector.tlsCertificate", /a certificate in PEM/, /./],
    [inCluster({ tlsCertificate: certificate }), "collector.tlsCertificate", /a cluster keeps/, /collector\.tlsSecret/],
    [inCluster({ hostMetrics: true }), "collector.hostMetrics", /one of many/, /agent\.enabled' true$/],
    [onDocker({ annotationScraping: true }), "collector.annotationScraping", /collector\.scrape/, /' false$/],
    [onDocker({ agent: { enabled: true } }), "collector.agent.enabled", /a kubelet keeps the logs/, /' false$/],
    [onDocker({ token: { generation: 2 } }), "collector.token", /collector\.auth is none/, /auth' bearer$/],
    [inCluster({ auth: "none", token: { keepPrevious: true } }), "collector.token", /no token is asked for/, /bearer$/],
    [
      inCluster({ token: { keepPrevious: true } }),
      "collector.token.keepPrevious",
      /there is no generation before it/,
      /generation' 2$/,
    ],
    [
      inCluster({ agent: { enabled: true, logs: false, hostMetrics: false } }),
      "collector.agent",
      /would do nothing/,
      /enabled' false$/,
    ],
    ...[{ replicas: 2 }, { annotationScraping: true }, { agent: { enabled: true } }].map(
      (change) =>
        [
          inCluster({ ...change, ports: { prometheus: 8889 } }),
          "collector.ports.prometheus",
          /none of them has all/,
          /prometheus' off$/,
        ] as const,
    ),
    [inCluster({ token: { generation: 0 } }), "collector.token.generation", /1 to 999/, /./],
  ] as const)("are refused: %j", (values, key, expected, remedy) => {
    const found = problems(values);
    expect(found.map((problem) => problem.key)).toEqual([key]);
    expect(found[0]?.expected).toMatch(expected);
    expect(found[0]?.remedy).toMatch(remedy);
  });

  it("name every problem of one platform at once", () => {
    const everything = { replicas: 2, tlsSecret: "t", annotationScraping: true, agent: { enabled: true } };
    expect(problems(onDocker(everything)).map(({ key }) => key)).toEqual([
      "collector.replicas",
      "collector.tlsSecret",
      "collector.annotationScraping",
      "collector.agent.enabled",
    ]);
    expect(problems(inCluster(everything))).toEqual([]);
  });

  it("leave alone what does no harm", () => {
    expect(problems(inCluster({ ports: { prometheus: 8889 } }))).toEqual([]);
    expect(problems(inCluster({ agent: { logs: false, hostMetrics: false } }))).toEqual([]);
    expect(problems(onDocker({ auth: "bearer", token: { generation: 2, keepPrevious: true } }))).toEqual([]);
  });
});

describe("a certificate on Docker", () => {
  const withKey = (collectorTlsKey: string, tlsCertificate = certificate) =>
    problems({ collector: { tlsCertificate }, collectorTlsKey }).map(({ key }) => key);

  it("comes with others up to its authority, and with a key", () => {
    expect(withKey(privateKey)).toEqual([]);
    expect(withKey(pem("EC PRIVATE KEY"), certificate.repeat(3))).toEqual([]);
    expect(withKey(privateKey.replaceAll("\n", "\r\n").trimEnd(), certificate.trimEnd())).toEqual([]);
  });

  it.each([
    ["has a passphrase", pem("ENCRYPTED PRIVATE KEY")],
    ["is a certificate", certificate],
    ["is half there", privateKey.slice(0, 40)],
    ["is empty", ""],
  ])("is refused when its key %s; the key is not shown", (_, key) => {
    expect(withKey(key)).toEqual(["collectorTlsKey"]);
    expect(
      JSON.stringify(problems({ collector: { tlsCertificate: certificate }, collectorTlsKey: key })),
    ).not.toContain("TUlJQg");
  });

  it("needs a key, and without it there is none", () => {
    expect(problems({ collector: { tlsCertificate: certificate } }).map(({ key }) => key)).toEqual(["collectorTlsKey"]);
  });
});

describe("tokens", () => {
  const tokens = (values: Record<string, unknown>) =>
    configurationOf(values)
      .secrets.filter(({ name }) => name.startsWith("collector"))
      .map(({ name, generated }) => [name, generated]);

  it("are needed where they are asked for", () => {
    expect(tokens({})).toEqual([]);
    expect(tokens(inCluster({ auth: "none" }))).toEqual([]);
    expect(tokens(inCluster({}))).toEqual([["collectorToken", "collector-token-1"]]);
    expect(tokens(onDocker({ auth: "bearer" }))).toEqual([["collectorToken", "collector-token-1"]]);
  });

  it("of the generation before are those that were generated then", () => {
    const rotating = inCluster({ token: { generation: 3, keepPrevious: true } });
    expect(tokens(rotating)).toEqual([
      ["collectorToken", "collector-token-3"],
      ["collectorPreviousToken", "collector-token-2"],
    ]);
    expect(tokens(inCluster({ token: { generation: 2 } }))).toEqual([["collectorToken", "collector-token-2"]]);
  });

  it("that somebody chose: the one before is known to them alone", () => {
    const rotating = {
      ...inCluster({ token: { generation: 2, keepPrevious: true } }),
      collectorToken: "new-token-1234",
    };
    expect(problems(rotating)).toMatchObject([{ key: "collectorPreviousToken", expected: /it is not set/ }]);
    expect(settingsOf({ ...rotating, collectorPreviousToken: "old-token-1234" }).collector.token.keepPrevious).toBe(
      true,
    );
  });

  it("have an alphabet that a header and a .env file leave alone", () => {
    expect(problems({ ...inCluster({}), collectorToken: "with space 12345" })).toMatchObject([
      { key: "collectorToken" },
    ]);
  });
});
