import type { Pack } from "../../dashboards/pack.ts";
import { packs } from "../../dashboards/packs.ts";
import { up } from "../../dashboards/scraping.ts";
import { remembered, run } from "./agents.ts";
import { Luck } from "./luck.ts";
import { guessed, othersAmong } from "./others.ts";
import { scenarios, type ScenarioName } from "./conditions.ts";
import type { Source, Telemetry } from "./telemetry.ts";
import { Trail } from "./trail.ts";
import { probed, visit } from "./web.ts";
import { emptyBacklog, handedOver, reported, worked } from "./workers.ts";
import { cachesReported, executed, type Caches } from "./workflow.ts";
import { sources, type World } from "./world.ts";

export interface TeamOptions {
  readonly scenario: ScenarioName;
  /** Visits a second, on average. */
  readonly rate: number;
  /** The same for the same team: everything but the times of day. */
  readonly seed: number;
  /** Processes of workers. @default those of the sources */
  readonly workers?: readonly Source[];
  /** Packs whose metrics there are. @default all of the catalogue */
  readonly packs?: readonly Pack[];
}

/** A made-up team's applications, second by second. What people do goes up and down over four minutes. */
export class Team {
  visits = 0;
  readonly #world: World;
  readonly #rate: number;
  readonly #workers: readonly Source[];
  readonly #others: readonly Pack[];
  readonly #held = new Map<string, number>();
  readonly #caches: Caches = new Map();
  readonly #backlog = emptyBacklog();
  #seconds = 0;

  constructor(telemetry: Telemetry, options: TeamOptions) {
    const { scenario, rate, seed, workers = sources.workers, packs: all = packs } = options;
    this.#others = othersAmong(all);
    this.#world = { telemetry, luck: new Luck(seed), conditions: scenarios[scenario] };
    this.#rate = rate;
    this.#workers = workers;
  }

  /**
   * What happened in the second before.
   * @param now milliseconds since 1970: the end of that second
   */
  second(now: number): void {
    const rate = this.#rate * (1 + 0.3 * Math.sin((2 * Math.PI * this.#seconds) / 240));
    for (let visits = this.#world.luck.howMany(rate); visits > 0; visits -= 1) this.#visit(now);
    worked(this.#world, this.#workers, this.#backlog, this.#rate);
    for (const pack of this.#others) guessed(this.#world, pack, rate);
    if (this.#seconds % 10 === 0) this.#tenSeconds();
    this.#seconds += 1;
  }

  #visit(now: number): void {
    const { luck, telemetry } = this.#world;
    this.visits += 1;
    const trail = new Trail({ correlation_id: `visit-${String(this.visits)}` });
    visit(this.#world, trail, () => {
      run(this.#world, trail);
      if (luck.sometimes("workflow", 0.6)) executed(this.#world, trail, this.#caches);
      if (luck.sometimes("leaves a message", 0.4)) handedOver(this.#world, trail, sources.gateway);
    });
    // it ended within the second, however long ago it began
    const endedAt = now - luck.number() * 1000;
    if (trail.root !== undefined) telemetry.story(trail.root, endedAt - trail.end * 1000);
  }

  #tenSeconds(): void {
    const { telemetry } = this.#world;
    // a visit is with the gateway for some seconds
    for (const source of [sources.gateway, sources.concierge, sources.analyst]) probed(this.#world, source, this.#rate);
    remembered(this.#world, this.#held);
    reported(this.#world, this.#workers, this.#backlog);
    cachesReported(this.#world, this.#caches);
    telemetry.set(sources.planner, up, {}, 1);
  }
}
