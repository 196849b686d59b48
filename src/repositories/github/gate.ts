/** Thrown instead of running a task when the queue is full. */
export class QueueFull extends Error {
  override name = "QueueFull";
}

/** Creates a gate that runs at most `concurrency` tasks at once and queues at most `maxQueued`. */
export function createGate(concurrency: number, maxQueued: number) {
  const queue: (() => void)[] = [];
  let running = 0;

  return async function run<T>(task: () => Promise<T>): Promise<T> {
    if (running >= concurrency) {
      if (queue.length >= maxQueued) throw new QueueFull("too many tasks are waiting");
      // The task that ends hands its place over, so `running` stays.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running++;
    try {
      return await task();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running--;
    }
  };
}
