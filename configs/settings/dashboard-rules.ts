import { repeated, setCommand, unknownName, type Problem } from "./problems.ts";
import type { Known } from "./rules.ts";
import type { ParsedSettings } from "./schema.ts";

/**
 * How many prices fit on a board: each stands in a dozen queries, with its model's name, and a board has at most 100 KB
 * (the test of the pack genai measures it). That is 50 prices with names of 24 letters.
 */
export const priceLetters = { each: 70, together: 4500 } as const;

/** What must hold between the settings of dashboards: packs that there are, each once, and one price a model. */
export function dashboardProblems({ dashboards, alerts }: ParsedSettings, known: Known): Problem[] {
  const { packs, prices } = dashboards;
  const models = prices.map(({ model }) => model);
  return [
    ...packs.flatMap((pack, index) => {
      const key = `dashboards.packs[${String(index)}]`;
      return known.packs.includes(pack)
        ? repeated(packs, index, key, "a pack")
        : [unknownName(key, pack, known.packs, "pack")];
    }),
    ...(alerts.services.length > 0 && packs.length > 0 && !packs.includes(known.silencePack)
      ? [
          {
            key: "dashboards.packs",
            given: packs,
            expected: `${known.silencePack} among the packs, because alerts.services asks for its rules`,
            remedy: setCommand(`dashboards.packs[${String(packs.length)}]`, known.silencePack),
          },
        ]
      : []),
    ...models.flatMap((_, index) => repeated(models, index, `dashboards.prices[${String(index)}].model`, "a model")),
    ...tooManyPrices(models),
  ];
}

function tooManyPrices(models: readonly string[]): Problem[] {
  const { each, together } = priceLetters;
  const letters = models.reduce((sum, model) => sum + each + model.length, 0);
  if (letters <= together) return [];
  return [
    {
      key: "dashboards.prices",
      given: `${String(models.length)} prices, ${String(letters)} letters`,
      expected: `at most ${String(together)} letters in the names of all models and ${String(each)} for each, or the board becomes too large`,
      remedy: "remove the prices of models that you do not use",
    },
  ];
}
