const encoder = new TextEncoder();

/** Returns a body that encodes one page whenever its reader has taken the last. `release` runs when it ends or is cut off. */
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
