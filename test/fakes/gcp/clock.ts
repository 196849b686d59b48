/** Turns of the event loop without activity after which all work is considered to wait for the clock. */
const idleTurns = 12;

/**
 * A virtual clock for parallel waits: once all work is idle, it advances to the next instant that a sleeper waits for.
 * Work that takes real time, such as a network response, is wrapped in `busy`.
 */
export function clock(start = Date.parse("2026-11-22T12:00:00Z")) {
  let time = start;
  let activity = 0;
  let busyCount = 0;
  let advancing = false;
  const sleepers = new Set<{ until: number; wake: () => void }>();

  async function advanceWhenIdle() {
    for (let idleCount = 0, lastActivity = activity; sleepers.size > 0; ) {
      await new Promise(setImmediate);
      idleCount = busyCount > 0 || lastActivity !== activity ? 0 : idleCount + 1;
      lastActivity = activity;
      if (idleCount < idleTurns) continue;
      idleCount = 0;
      time = Math.max(time, Math.min(...[...sleepers].map(({ until }) => until)));
      for (const sleeper of [...sleepers].filter(({ until }) => until <= time)) sleeper.wake();
    }
    advancing = false;
  }

  return {
    start,
    now: () => time,
    advance(milliseconds: number) {
      time += milliseconds;
    },
    /** Resolves once all work is idle, and drops every sleeper, as if its process had died. */
    async idle() {
      for (let idleCount = 0, lastActivity = activity; idleCount < idleTurns; lastActivity = activity) {
        await new Promise(setImmediate);
        idleCount = busyCount > 0 || lastActivity !== activity ? 0 : idleCount + 1;
        sleepers.clear();
      }
    },
    async busy<T>(work: () => Promise<T>): Promise<T> {
      busyCount++;
      activity++;
      try {
        return await work();
      } finally {
        busyCount--;
        activity++;
      }
    },
    sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
      activity++;
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = {
          until: time + milliseconds,
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", abort);
            activity++;
            resolve();
          },
        };
        const abort = () => {
          sleepers.delete(sleeper);
          activity++;
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", abort, { once: true });
        sleepers.add(sleeper);
        if (!advancing) {
          advancing = true;
          void advanceWhenIdle();
        }
      });
    },
  };
}
export type Clock = ReturnType<typeof clock>;
