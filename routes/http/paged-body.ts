const encoder = new TextEncoder();

/** Returns a body that encodes the next page once its reader has taken the last one. `release` runs when it ends or is aborted. */
export function pagedBody(pages: Iterable<string>, release: () => void): ReadableStream<Uint8Array> {
  const iterator = pages[Symbol.iterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { value, done } = iterator.next();
        if (!done) return controller.enqueue(encoder.encode(value));
        release();
        controller.close();
      },
      cancel: release,
    },
    { highWaterMark: 0 },
  );
}
