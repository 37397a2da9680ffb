import { scrapesApart } from "../collector/scraping.ts";
import { flowProblems } from "./flow-rules.ts";
import { collectorAuth } from "./platform-defaults.ts";
import { privacyProblems } from "./privacy-rules.ts";
import { setCommand, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schema.ts";

/** What must hold between the settings of the collector, and between them and the platform. */
export const collectorProblems = (settings: ParsedSettings): Problem[] => [
  ...(settings.platform === "docker" ? dockerProblems(settings) : kubernetesProblems(settings)),
  ...tokenProblems(settings),
  ...agentProblems(settings),
  ...exporterProblems(settings),
  ...flowProblems(settings),
  ...privacyProblems(settings),
];

/** What only a cluster can do. */
function dockerProblems({ collector }: ParsedSettings): Problem[] {
  const { replicas, tlsSecret, annotationScraping, agent } = collector;
  const refused = (key: string, given: unknown, expected: string, remedy: string): Problem => ({
    key: `collector.${key}`,
    given,
    expected: `${expected}; platform is docker`,
    remedy,
  });
  const off = (key: string, expected: string): Problem =>
    refused(key, true, `false, because ${expected}`, setCommand(`collector.${key}`, "false"));
  const several = "1, because several collectors would ask for the same ports of one machine";
  const certificate = "nothing, because Docker keeps no Secrets of type kubernetes.io/tls";
  return [
    ...(replicas === 1 ? [] : [refused("replicas", replicas, several, setCommand("collector.replicas", "1"))]),
    ...(tlsSecret === undefined
      ? []
      : [
          refused(
            "tlsSecret",
            tlsSecret,
            certificate,
            "remove it, and give the certificate in collector.tlsCertificate",
          ),
        ]),
    ...(annotationScraping
      ? [off("annotationScraping", "there are no pods with annotations: list targets in collector.scrape")]
      : []),
    ...(agent.enabled
      ? [off("agent.enabled", "there are no nodes on which a kubelet keeps the logs of containers")]
      : []),
  ];
}

/** What a cluster does in another way. */
const kubernetesProblems = ({ collector: { tlsCertificate, hostMetrics } }: ParsedSettings): Problem[] => [
  ...(tlsCertificate === undefined
    ? []
    : [
        {
          key: "collector.tlsCertificate",
          given: "a certificate",
          expected: "nothing, because a cluster keeps certificates in Secrets; platform is kubernetes",
          remedy: "remove it, and name a Secret of type kubernetes.io/tls in collector.tlsSecret",
        },
      ]),
  ...(hostMetrics
    ? [
        {
          key: "collector.hostMetrics",
          given: true,
          expected: "false, because the collector's node is one of many; platform is kubernetes",
          remedy: `set it to false, and ${setCommand("collector.agent.enabled", "true")}`,
        },
      ]
    : []),
];

function tokenProblems(settings: ParsedSettings): Problem[] {
  const { token } = settings.collector;
  if (collectorAuth(settings) === "none" && (token.generation !== 1 || token.keepPrevious)) {
    return [
      {
        key: "collector.token",
        given: token,
        expected: "nothing, because collector.auth is none, and no token is asked for",
        remedy: setCommand("collector.auth", "bearer"),
      },
    ];
  }
  if (token.keepPrevious && token.generation === 1) {
    return [
      {
        key: "collector.token.keepPrevious",
        given: true,
        expected: "false at generation 1, because there is no generation before it",
        remedy: setCommand("collector.token.generation", "2"),
      },
    ];
  }
  return [];
}

function agentProblems({ collector: { agent } }: ParsedSettings): Problem[] {
  if (!agent.enabled || agent.logs || agent.hostMetrics) return [];
  return [
    {
      key: "collector.agent",
      given: agent,
      expected: "logs or hostMetrics or both, because an agent without either would do nothing",
      remedy: setCommand("collector.agent.enabled", "false"),
    },
  ];
}

/** Whoever scrapes the exporter gets the metrics of the collector that answers. */
function exporterProblems(settings: ParsedSettings): Problem[] {
  const { prometheus } = settings.collector.ports;
  if (prometheus === 0 || !scrapesApart(settings)) return [];
  return [
    {
      key: "collector.ports.prometheus",
      given: prometheus,
      expected:
        "off, because with replicas, annotationScraping or agent.enabled metrics go through several collectors, and none of them has all",
      remedy: setCommand("collector.ports.prometheus", "off"),
    },
  ];
}
