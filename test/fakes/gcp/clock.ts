/** Real turns of the event loop without any news, after which everybody is taken to be waiting for the clock. */
const quiet = 12;

/**
 * A virtual clock that keeps side-by-side waiting side by side: when nobody does anything any more, it goes to the
 * next instant that somebody waits for. What takes real time, such as an answer over the network, is told to `busy`.
 */
export function clock(start = Date.parse("2026-11-22T12:00:00Z")) {
  let time = start;
  let news = 0;
  let doing = 0;
  let watching = false;
  const waiting = new Set<{ until: number; wake: () => void }>();

  async function watch() {
    for (let still = 0, seen = news; waiting.size > 0; ) {
      await new Promise(setImmediate);
      still = doing > 0 || seen !== news ? 0 : still + 1;
      seen = news;
      if (still < quiet) continue;
      still = 0;
      time = Math.max(time, Math.min(...[...waiting].map(({ until }) => until)));
      for (const one of [...waiting].filter(({ until }) => until <= time)) one.wake();
    }
    watching = false;
  }

  return {
    start,
    now: () => time,
    forward(milliseconds: number) {
      time += milliseconds;
    },
    /** Until nobody does anything but wait; those who wait are forgotten, as when their process dies. */
    async settled() {
      for (let still = 0, seen = news; still < quiet; seen = news) {
        await new Promise(setImmediate);
        still = doing > 0 || seen !== news ? 0 : still + 1;
        waiting.clear();
      }
    },
    async busy<T>(work: () => Promise<T>): Promise<T> {
      doing++;
      news++;
      try {
        return await work();
      } finally {
        doing--;
        news++;
      }
    },
    pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
      news++;
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const one = {
          until: time + milliseconds,
          wake() {
            waiting.delete(one);
            signal?.removeEventListener("abort", stop);
            news++;
            resolve();
          },
        };
        const stop = () => {
          waiting.delete(one);
          news++;
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", stop, { once: true });
        waiting.add(one);
        if (!watching) {
          watching = true;
          void watch();
        }
      });
    },
  };
}
export type Clock = ReturnType<typeof clock>;
