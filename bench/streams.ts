// Memory per open event stream: `node bench/streams.ts`. Ten deployments on this machine, whose release job logs a line
// every second, are followed by 10,000 readers from different networks.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { verdict } from "./compare.ts";
import { startSlipway } from "./servers.ts";

const readers = 10_000;
const seconds = 15;

const folder = mkdtempSync(join(tmpdir(), "slipway-streams-"));
const repos = join(folder, "bench");
mkdirSync(join(repos, "ticking"), { recursive: true });
const files = {
  "app.json": JSON.stringify({ name: "Ticking" }),
  "package.json": JSON.stringify({ name: "ticking", version: "1.0.0", private: true }),
  "package-lock.json": JSON.stringify({ name: "ticking", version: "1.0.0", lockfileVersion: 3, packages: {} }),
  Procfile: "release: node tick.js\nweb: node tick.js\n",
  "tick.js": 'setInterval(() => console.log("tick"), 1000)',
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(repos, "ticking", name), text);

const slipway = await startSlipway({ repos });
const json = async (path: string, init?: RequestInit) => {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const response = await fetch(slipway.url + path, { ...init, headers });
  const body = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
  return body as Record<string, unknown>;
};
const { clouds } = (await json("/local/bench/ticking")) as { clouds: { id: string; region: string }[] };
const region = clouds.find(({ id }) => id === "local")?.region;
const order = { repo: "local/bench/ticking", cloud: "local", region, preset: "economy", env: {}, access: {} };
const paths: string[] = [];
for (let n = 0; n < 10; n++) {
  const { id } = await json("/deployments", {
    method: "POST",
    body: JSON.stringify({ ...order, request: `bench ${n}` }),
  });
  paths.push(`/deployments/${id}`);
}

let events = 0;
/** Follows one of the deployments from one of 200 networks, so that no limit per deployment or network is reached. */
function follow(n: number): Promise<Socket> {
  const { hostname, port, host } = new URL(slipway.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        `GET ${paths[n % paths.length]}/events HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: 203.0.113.${n % 200}\r\n\r\n`,
      ),
    );
    socket.once("data", () => resolve(socket)).on("error", reject);
    socket.on("data", (chunk) => {
      events += chunk.toString("latin1").split("event: log").length - 1;
    });
  });
}

// The first reader brings what everyone needs; only what each further one adds is counted.
const sockets = [await follow(0)];
for (const path of paths) while (!JSON.stringify(await json(path)).includes('"release"')) await wait(200);
await wait(3000);
const before = slipway.rss();
while (sockets.length < readers)
  sockets.push(...(await Promise.all(Array.from({ length: 100 }, (_, n) => follow(sockets.length + n)))));

events = 0;
const cpu = slipway.cpu();
await wait(seconds * 1000);
const busy = cpu === null ? "" : `, ${((100 * ((slipway.cpu() ?? 0) - cpu)) / seconds).toFixed(0)} % of a processor`;
const each = ((slipway.rss() - before) * 1024) / (sockets.length - 1);
console.log(
  `${sockets.length} streams, each with ${(events / sockets.length / seconds).toFixed(2)} events a second${busy}`,
);
console.log(`${each.toFixed(1)} kB resident for each${verdict(each <= 35, "at most 35 kB")}`);

for (const socket of sockets) socket.destroy();
for (const path of paths) {
  const removal = await fetch(`${slipway.url}${path}/removal`, {
    method: "POST",
    headers: { accept: "application/json" },
  });
  if (!removal.ok) console.error(`the removal answered ${removal.status}: ${await removal.text()}`);
}
for (const path of paths) for (let i = 0; i < 50 && (await json(path)).state !== "removed"; i++) await wait(200);
await slipway.stop();
rmSync(folder, { recursive: true });
