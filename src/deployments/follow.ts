import type { EventRow } from "../data/store/events.ts";
import { type EventBus, type SseMessage, toSseMessage } from "./event-bus.ts";

/** A consumer of one deployment's events. */
export interface EventReader {
  /** Takes an event; false if it must not be given more until `drained` resolves. */
  message(message: SseMessage): boolean | undefined;
  drained?(): Promise<void>;
  end(): void;
}

interface FollowDependencies {
  bus: EventBus;
  eventsAfter(deployment: string, id: number, limit: number): EventRow[];
  isAtRest(deployment: string): boolean;
}

const pageSize = 128;

/**
 * Creates `follow`, which replays stored events page by page and then passes on live ones. Nothing is buffered for a slow
 * reader: it gets the rest from the database once it has drained. One page is read per turn of the event loop, however
 * many readers replay, so that other requests are answered in between.
 */
export function createFollow({ bus, eventsAfter, isAtRest }: FollowDependencies) {
  const queue: (() => void)[] = [];
  const schedule = (readPage: () => void) => {
    if (queue.push(readPage) === 1) setImmediate(readNext);
  };
  function readNext() {
    try {
      queue[0]?.();
    } finally {
      queue.shift();
      if (queue.length > 0) setImmediate(readNext);
    }
  }

  /** Replays the events after `after`, then follows live ones. Returns a function that unsubscribes. */
  return function follow(id: string, after: number, reader: EventReader): () => void {
    let last = after;
    let isLive = false;
    let isEnded = false;
    let isClosed = false;
    const unsubscribe = bus.listen(id, {
      message(message) {
        if (!isLive || message.id <= last) return;
        last = message.id;
        if (reader.message(message) === false) pause();
      },
      end() {
        isEnded = true;
        if (isLive) finish();
      },
    });
    function close() {
      isClosed = true;
      isLive = false;
      unsubscribe();
    }
    function finish() {
      close();
      reader.end();
    }
    function pause() {
      isLive = false;
      reader.drained?.().then(() => schedule(readPage));
    }
    function readPage() {
      if (isClosed) return;
      const page = eventsAfter(id, last, pageSize);
      for (const row of page) {
        last = row.id;
        if (reader.message(toSseMessage(row)) === false) return pause();
        if (isClosed) return;
      }
      if (page.length > 0) schedule(readPage);
      else if (isEnded || isAtRest(id)) finish();
      else isLive = true;
    }
    schedule(readPage);
    return close;
  };
}
