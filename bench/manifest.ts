// How long a manifest of 100 kB takes to read, in CPU time: `node bench/manifest.ts`
import { readManifest } from "../src/manifest/index.ts";

const source = { host: "local", owner: "bench", repo: "manifest", ref: "main", commit: "0", path: "" } as const;
const words = "what it is for, at some length, so that whoever is asked knows what to write and why it matters here";
const names = Array.from({ length: 490 }, (_, index) => `VARIABLE_NUMBER_${index}`);
const env = Object.fromEntries(names.map((name) => [name, { description: `${name}: ${words}`, value: "some value" }]));
const addons = ["heroku-postgresql", "heroku-redis"];
const lines = names.map((name) => `      ${name}: "\${${name}:-${words} ${words}}"`);
const files = {
  "app.json": JSON.stringify({ name: "bench", env, addons, formation: { web: { quantity: 1 } } }, null, 2),
  "compose.yaml": ["services:", "  web:", "    build: .", "    environment:", ...lines].join("\n"),
};

for (const [file, text] of Object.entries(files)) {
  const times = Array.from({ length: 100 }, () => {
    const before = process.cpuUsage();
    readManifest({ list: [file], text: new Map([[file, text]]) }, source);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }).toSorted((a, b) => a - b);
  const [least = 0] = times;
  console.log(
    `${file}, ${Math.round(text.length / 1024)} kB: ${times[50]?.toFixed(1)} ms of CPU at the median, ${least.toFixed(1)} at least`,
  );
}
