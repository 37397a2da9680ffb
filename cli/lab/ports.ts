import { createServer } from "node:net";

/** Below the range from which the system takes ports for outgoing connections, so that none of these gets one. */
const lowest = 20_000;
const highest = 32_000;

const given = new Set<number>();

/** A port on loopback that nothing listens on, another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => {
      resolve(false);
    });
    // on every address, as the collector may
    probe.listen(port, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
