import { expect, test } from "vitest";
import { filesToRead, readManifest } from "../../src/manifest/index.ts";

const source = { host: "local", owner: "o", repo: "Guest Book", ref: "main", commit: "c", path: "" } as const;
const read = (files: Record<string, string>) =>
  readManifest({ list: Object.keys(files), text: new Map(Object.entries(files)) }, source);

test("a Procfile gives services and the release job", () => {
  const { app, problems } = read({
    Procfile: "# all\nrelease: npm run migrate\nweb: npm start\nworker: node worker.js\n",
  });
  expect(problems).toEqual([]);
  expect(app?.slug).toBe("guest-book");
  expect(app?.services.map(({ name, command, public: open }) => [name, command, open])).toEqual([
    ["web", "npm start", true],
    ["worker", "node worker.js", false],
  ]);
  expect(app?.jobs).toEqual([
    { name: "release", entrypoint: null, command: "npm run migrate", when: "release", schedule: null },
  ]);
});

test("only the files that matter are wanted", () => {
  expect(filesToRead(["src/a.js", "Procfile", "README.md"])).toEqual(["Procfile"]);
});
