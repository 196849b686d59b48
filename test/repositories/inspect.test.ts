import { expect, test } from "vitest";
import type { Address, OpenResult } from "../../src/repo.ts";
import { createInspector } from "../../src/repositories/inspect.ts";

const at = (repo: string): Address => ({ host: "github.com", owner: "o", repo, path: "" });

/** Repositories with a manifest that is as long as manifests get; counts how often one is read. */
function hoarder() {
  const read = new Map<string, number>();
  const variables = Array.from({ length: 400 }, (_, n) => [`V${n}`, { description: "x".repeat(400) }]);
  const manifest = JSON.stringify({ env: Object.fromEntries(variables) });
  const open = async (address: Address): Promise<OpenResult> => {
    const snapshot = {
      address,
      ref: "main",
      commit: "c".repeat(40),
      description: "",
      files: ["app.json", "Procfile"],
      async read(file: string) {
        if (file !== "app.json") return "web: x";
        read.set(address.repo, (read.get(address.repo) ?? 0) + 1);
        return manifest;
      },
    };
    return { ok: true, snapshot };
  };
  return { read, look: createInspector({ open }) };
}

test("what a commit says is read once, however many ask at the same time", async () => {
  const { read, look } = hoarder();
  const looks = await Promise.all([1, 2, 3].map(() => look(at("one"))));
  expect(looks.every((inspection) => inspection.ok && inspection.reading.app?.variables.length === 400)).toBe(true);
  await look(at("one"));
  expect(read.get("one")).toBe(1);
});

test("manifests as long as they get do not fill the memory: the oldest are read again", async () => {
  const { read, look } = hoarder();
  for (let repo = 0; repo < 300; repo++) await look(at(`r${repo}`));
  await look(at("r299"));
  await look(at("r0"));
  expect([read.get("r299"), read.get("r0")]).toEqual([1, 2]);
});
