import type { DataLink, Step, Unit } from "../panel.ts";

/** What panels of all kinds say of their fields: units, thresholds, links. */

export type Json = Readonly<Record<string, unknown>>;

/** What holds for one column or series, by its name. */
export const override = (name: string, ...properties: readonly Json[]): Json => ({
  matcher: { id: "byName", options: name },
  properties,
});

export const measure = ({
  unit,
  decimals,
  steps,
}: {
  unit: Unit;
  decimals?: number;
  steps?: readonly Step[];
}): Json => ({
  unit,
  ...(decimals === undefined ? {} : { decimals }),
  thresholds: thresholds(steps ?? []),
});

/**
 * The first step is the base, whatever its value says; null, which Grafana itself writes there, is read back as 0.
 * Green, unless the steps say what is from 0 on.
 */
export const thresholds = (steps: readonly Step[]): Json => ({
  mode: "absolute",
  steps: [
    ...(steps[0]?.from === 0 ? [] : [{ color: "green", value: 0 }]),
    ...steps.map(({ from, color }) => ({ color, value: from })),
  ],
});

export const dataLinks = (links: readonly DataLink[] | undefined): Json =>
  links === undefined ? {} : { links: links.map(({ title, url }) => ({ title, url })) };

/** Options of one number, coloured only where there is something to tell well from ill. */
export const statOptions = ({ steps }: { steps?: readonly Step[] }, textMode: "value" | "value_and_name"): Json => ({
  colorMode: steps === undefined ? "value" : "background",
  graphMode: "none",
  justifyMode: "auto",
  orientation: "auto",
  percentChangeColorMode: "standard",
  reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
  showPercentChange: false,
  textMode,
  wideLayout: true,
});

/** Fields of bars: from zero on, each in a colour of its own. */
export const barGaugeFields = (
  panel: Parameters<typeof measure>[0] & { readonly empty: string; readonly links?: readonly DataLink[] },
): Json => ({
  defaults: {
    ...measure(panel),
    min: 0,
    noValue: panel.empty,
    color: { mode: "palette-classic" },
    ...dataLinks(panel.links),
  },
  overrides: [],
});

/** Options of bars, one for each number that is left of the answer. */
export const barGaugeOptions = (reduceOptions: Json): Json => ({
  displayMode: "gradient",
  legend: { calcs: [], displayMode: "list", placement: "bottom", showLegend: false },
  maxVizHeight: 300,
  minVizHeight: 16,
  minVizWidth: 8,
  namePlacement: "auto",
  orientation: "horizontal",
  reduceOptions,
  showUnfilled: true,
  sizing: "auto",
  valueMode: "color",
});

export const tableOptions: Json = { cellHeight: "sm", frameIndex: 0, showHeader: true };

export const tableCells = (filterable: boolean): Json => ({ align: "auto", filterable, inspect: false });
