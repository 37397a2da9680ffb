import type { Price } from "../panel.ts";
import { constants, labelled } from "../constants.ts";
import {
  either,
  increase,
  matches,
  plus,
  product,
  ratio,
  sumBy,
  sumOver,
  times,
  total,
  type Vector,
} from "../promql.ts";
import type { Over, TokenConvention } from "./conventions.ts";
import { tokenUsage } from "./metrics.ts";

/**
 * What tokens cost. Prices stand in the query as they stand in the settings, in dollars for a million tokens; a model
 * without one has no result, which is not the same as a cost of 0.
 */

const model = "gen_ai_request_model";
const type = "gen_ai_token_type";

/** US dollars, by model. */
export type Cost = (prices: readonly Price[], over: Over) => Vector<typeof model>;

const priceOf = (prices: readonly Price[], what: "input" | "output") =>
  constants(model, Object.fromEntries(prices.map((price) => [price.model, price[what]])));

/** Dollars for a million tokens, by the tokens: an increase in all, a rate by the hour. */
const dollars = ({ growth }: Over): number => (growth === increase ? 1 : 3600) / 1e6;

const usageCost: Cost = (prices, over) =>
  times(
    dollars(over),
    sumOver(
      [model],
      product(
        sumBy([model, type], over.growth(total(tokenUsage), over.window, over.where)),
        either(labelled(priceOf(prices, "input"), type, "input"), labelled(priceOf(prices, "output"), type, "output")),
      ),
    ),
  );

const countersCost =
  ({ input, output }: TokenConvention): Cost =>
  (prices, over) =>
    times(
      dollars(over),
      plus(
        product(input([model], over), priceOf(prices, "input")),
        product(output([model], over), priceOf(prices, "output")),
      ),
    );

export const costOf = (convention: TokenConvention): Cost =>
  convention.name === "token.usage" ? usageCost : countersCost(convention);

/** The share of all tokens for which there is a price; no result when there is none for any. */
export function pricedShare({ both }: TokenConvention, prices: readonly Price[], over: Over): Vector<never> {
  const priced = prices.map((price) => price.model.replaceAll(/[.+]/g, String.raw`\$&`)).join("|");
  return ratio(both([], { ...over, where: { ...over.where, [model]: matches(priced) } }), both([], over));
}
