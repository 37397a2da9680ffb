import { setCommand, type Problem } from "./problems.ts";
import type { ParsedSettings } from "./schema.ts";

/** What must hold between the settings of which telemetry goes where. */
export const flowProblems = (settings: ParsedSettings): Problem[] => [
  ...samplingProblems(settings),
  ...statefulProblems(settings),
  ...secondDestinationProblems(settings),
];

/** Mebibytes of one trace that waits to be decided about: twenty spans of some three KiB, prompts apart. */
const mebibytesOfTrace = 0.06;

function samplingProblems({ collector: { sampling, memory, replicas } }: ParsedSettings): Problem[] {
  const { ratio, tail } = sampling;
  if (!tail.enabled) return [];
  const most = Math.floor((memory * 0.4) / mebibytesOfTrace / 100) * 100;
  return [
    ...(replicas === 1
      ? []
      : [
          {
            key: "collector.sampling.tail.enabled",
            given: true,
            expected: `false with collector.replicas ${String(replicas)}, because the spans of one trace come to different gateways, and none sees it whole`,
            remedy: `${setCommand("collector.replicas", "1")}, or ${setCommand("collector.sampling.tail.enabled", "false")}`,
          },
        ]),
    ...(ratio === 1
      ? []
      : [
          {
            key: "collector.sampling.ratio",
            given: ratio,
            expected:
              "1 with collector.sampling.tail.enabled, or traces with errors would be dropped before they are seen",
            remedy: setCommand("collector.sampling.ratio", "1"),
          },
        ]),
    ...(tail.traces <= most
      ? []
      : [
          {
            key: "collector.sampling.tail.traces",
            given: tail.traces,
            expected: `at most ${String(most)} in ${String(memory)} MiB of memory: a trace that is waited for takes some 60 KiB`,
            remedy: `${setCommand("collector.sampling.tail.traces", String(most))}, or raise collector.memory`,
          },
        ]),
  ];
}

/** Each gateway would add up what it sees, and several would say different things of one series. */
function statefulProblems({ collector: { deltaToCumulative, replicas } }: ParsedSettings): Problem[] {
  if (!deltaToCumulative || replicas === 1) return [];
  return [
    {
      key: "collector.deltaToCumulative",
      given: true,
      expected: `false with collector.replicas ${String(replicas)}, because the points of one series come to different gateways, which would each add up their part`,
      remedy: `${setCommand("collector.deltaToCumulative", "false")}, and have applications send cumulative metrics`,
    },
  ];
}

function secondDestinationProblems({ collector: { secondDestination: second } }: ParsedSettings): Problem[] {
  const key = "collector.secondDestination";
  if (second.endpoint === undefined) {
    return second.auth === "none"
      ? []
      : [
          {
            key: `${key}.auth`,
            given: second.auth,
            expected: "none, because there is no second destination",
            remedy: setCommand(`${key}.endpoint`, "https://otlp.example.com/otlp"),
          },
        ];
  }
  return [
    ...(second.signals.length > 0
      ? []
      : [
          {
            key: `${key}.signals`,
            given: second.signals,
            expected: "at least one signal, or nothing would be sent there",
            remedy: setCommand(`${key}.signals[0]`, "traces"),
          },
        ]),
    ...(second.auth === "secret" && second.endpoint.startsWith("http://")
      ? [
          {
            key: `${key}.endpoint`,
            given: second.endpoint,
            expected: "https with auth secret, because the header would cross the network in clear",
            remedy: setCommand(`${key}.endpoint`, second.endpoint.replace("http:", "https:")),
          },
        ]
      : []),
  ];
}
