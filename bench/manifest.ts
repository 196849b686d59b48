// How long it takes to read a large manifest: `node bench/manifest.ts`
import { readManifest } from "../src/manifest/index.ts";
import { median, verdict } from "./compare.ts";

const entries = Array.from({ length: 560 }, (_, index) => [
  `SETTING_${index}`,
  {
    description: `What setting ${index} is for, in a sentence as long as maintainers write them, with a link: https://example.com/${index}`,
    value: `value ${index}`,
    required: index % 3 === 0,
  },
]);
const manifest = { name: "Large", env: Object.fromEntries(entries), addons: ["heroku-postgresql:hobby-dev"] };
const text = JSON.stringify(manifest, null, 2);
const files = {
  list: ["app.json", "Procfile", "package.json"],
  text: new Map([
    ["app.json", text],
    ["Procfile", "web: node server.js\nworker: node worker.js"],
    ["package.json", '{"scripts":{"start":"node server.js"}}'],
  ]),
};
const source = { host: "github.com", owner: "o", repo: "r", ref: "main", commit: "c".repeat(40), path: "" } as const;

function cpu(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

for (let round = 0; round < 20; round++) readManifest(files, source);
const ours = median(Array.from({ length: 101 }, () => cpu(() => readManifest(files, source))));
const plain = median(Array.from({ length: 101 }, () => cpu(() => JSON.parse(text))));

console.log(`a manifest of ${(text.length / 1000).toFixed(0)} kB, with every place kept`);
console.log(`JSON.parse, no places   ${plain.toFixed(2)} ms of CPU`);
console.log(
  `readManifest            ${ours.toFixed(2)} ms of CPU, ${(ours / plain).toFixed(1)} x${verdict(ours <= 5, "at most 5 ms")}`,
);
