import { parentPort } from "node:worker_threads";

// What a hostile manifest does to the thread that reads it, on request.
const port = parentPort;
port?.on("message", ({ args: [what] }: { args: [string | string[]] }) => {
  if (what === "loop") for (;;);
  if (what === "allocate") for (const all: number[][] = []; ; ) all.push(new Array(1e5).fill(all.length));
  if (what === "exit") process.exit(3);
  if (what === "throw") port.postMessage({ error: "a bug" });
  else port.postMessage({ value: what });
});
port?.postMessage("ready");
