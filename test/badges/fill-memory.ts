import { badgeFor } from "../../badges/index.ts";
import { createBadgeMemory } from "../../badges/memory-cache.ts";

// Fills the memory of badges with made-up URLs and prints how many bytes of heap it holds. Run with --expose-gc.
const collect = () => globalThis.gc?.();
const memory = createBadgeMemory(20e6);
const drawn = badgeFor(new URLSearchParams({ style: "flat" }), { kind: "error" });
/** Copies a string, as each drawing of a badge makes its own. */
const copy = (text: string) => Buffer.from(text).toString();
const put = (n: number) => {
  const badge = {
    ...drawn,
    etag: copy(drawn.etag),
    cacheControl: copy(drawn.cacheControl),
    repo: `github.com/o${n}/r`,
  };
  memory.put(`/github.com/o${n}/r/badge.svg?style=flat&label=${"x".repeat(50)}${n}`, badge, 1);
};
put(-1);
collect();
const before = process.memoryUsage().heapUsed;
for (let n = 0; n < 80_000; n++) put(n);
collect();
console.log(JSON.stringify({ heap: process.memoryUsage().heapUsed - before, counted: memory.size().bytes }));
