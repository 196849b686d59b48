/** Real turns of the event loop without any news, after which everybody is taken to be waiting for the clock. */
const idleTurns = 12;

/**
 * A virtual clock that keeps side-by-side waiting side by side: when nobody does anything any more, it goes to the
 * next instant that somebody waits for. What takes real time, such as an answer over the network, is told to `busy`.
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
    /** Until nobody does anything but wait; those who wait are forgotten, as when their process dies. */
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
