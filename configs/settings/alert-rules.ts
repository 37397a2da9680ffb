import { repeated, setCommand, unknownName, type Problem } from "./problems.ts";
import type { Known } from "./rules.ts";
import type { ParsedSettings } from "./schema.ts";
import { formatDuration } from "./units.ts";

/** What must hold between the settings of alerts: who is told, what is expected, which rules there are. */

export function contactPointProblems({ alerts: { contactPoints }, grafana }: ParsedSettings): Problem[] {
  return contactPoints.flatMap(({ name, type, addresses, severities }, index) => {
    const key = `alerts.contactPoints[${String(index)}]`;
    const twin = contactPoints.findIndex((other) => other.name === name);
    return [
      ...(twin < index
        ? [
            {
              key: `${key}.name`,
              given: name,
              expected: `a name of its own; alerts.contactPoints[${String(twin)}] has this one`,
              remedy: "rename one of them",
            },
          ]
        : []),
      ...(severities.length === 0
        ? [
            {
              key: `${key}.severities`,
              given: severities,
              expected: "at least one severity",
              remedy: setCommand(`${key}.severities[0]`, "critical"),
            },
          ]
        : []),
      ...(type === "email" && addresses.length === 0
        ? [
            {
              key: `${key}.addresses`,
              given: addresses,
              expected: "at least one address for type email",
              remedy: setCommand(`${key}.addresses[0]`, "team@example.com"),
            },
          ]
        : []),
      ...(type !== "email" && addresses.length > 0
        ? [
            {
              key: `${key}.addresses`,
              given: addresses,
              expected: `nothing for type ${type}`,
              remedy: "remove the addresses",
            },
          ]
        : []),
      ...(type === "email" && grafana.smtp.host === undefined
        ? [
            {
              key: "grafana.smtp.host",
              expected: `a mail server, because contact point ${name} sends e-mail`,
              remedy: setCommand("grafana.smtp.host", "smtp.example.com:587"),
            },
          ]
        : []),
    ];
  });
}

export function alertProblems({ alerts }: ParsedSettings, known: Known): Problem[] {
  const interval = alerts.interval % 10 === 0 ? [] : [intervalProblem(alerts.interval)];
  const names = alerts.services.map(({ service }) => service);
  const services = alerts.services.flatMap(({ metric }, index) => {
    const key = `alerts.services[${String(index)}]`;
    return [
      ...repeated(names, index, `${key}.service`, "a service"),
      ...(known.silenceMetrics.includes(metric)
        ? []
        : [unknownName(`${key}.metric`, metric, known.silenceMetrics, "metric")]),
    ];
  });
  return [
    ...interval,
    ...services,
    ...Object.entries(alerts.rules).flatMap(([name, rule]) => ruleProblems(name, rule.threshold, known)),
  ];
}

const intervalProblem = (interval: number): Problem => ({
  key: "alerts.interval",
  given: formatDuration(interval),
  expected: "a multiple of 10s, which is Grafana's own clock",
  remedy: setCommand("alerts.interval", formatDuration(Math.max(10, Math.round(interval / 10) * 10))),
});

function ruleProblems(name: string, threshold: number | undefined, { rules }: Known): Problem[] {
  const rule = rules[name];
  if (rule === undefined) return [unknownName(`alerts.rules.${name}`, name, Object.keys(rules), "alert rule")];
  if (threshold === undefined) return [];
  const key = `alerts.rules.${name}.threshold`;
  if (rule.threshold === undefined) {
    return [
      {
        key,
        given: threshold,
        expected: "nothing; this rule has no threshold",
        remedy: `pulumi config rm --path '${key}'`,
      },
    ];
  }
  const { min, max } = rule.threshold;
  if (threshold >= min && threshold <= max) return [];
  return [
    {
      key,
      given: threshold,
      expected: `a number from ${String(min)} to ${String(max)}`,
      remedy: setCommand(key, String(min)),
    },
  ];
}
