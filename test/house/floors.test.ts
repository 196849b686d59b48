import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const words = ["src/app.ts", "src/result.ts", "src/repo.ts", "src/plan.ts", "src/settings.ts"];
const rules = [
  "src/manifest/",
  "src/maintainers/readme/",
  "src/formats/",
  "src/address.ts",
  "src/environment.ts",
  "src/deployments/answers.ts",
  "src/mask.ts",
  "src/deployments/generate-value.ts",
];

const files = ["badges", "src", "views", "routes"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file}`)
    .filter((file) => file.endsWith(".ts")),
);

/** badges < words < rules < clouds < effects < views < routes */
function floor(file: string): number {
  if (file.startsWith("badges/")) return 0;
  if (words.includes(file)) return 1;
  if (rules.some((rule) => file.startsWith(rule))) return 2;
  if (file.startsWith("src/clouds/")) return 3;
  if (file.startsWith("src/")) return 4;
  return file.startsWith("views/") ? 5 : 6;
}

const source = (file: string) => readFileSync(join(root, file), "utf8");

function imports(file: string, { types }: { types: boolean }): string[] {
  const statement = /^(?:import|export)\s+(type\s+)?[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm;
  return [...source(file).matchAll(statement)]
    .filter(([, type]) => types || !type)
    .map(([, , from, lazy]) => relative(root, join(root, dirname(file), (from ?? lazy) as string)))
    .filter((target) => target.endsWith(".ts"));
}

test("a file imports only from its own floor and lower ones", () => {
  const upward = files.flatMap((file) =>
    imports(file, { types: true })
      .filter((target) => floor(target) > floor(file))
      .map((target) => `${file} -> ${target}`),
  );
  expect(upward).toEqual([]);
  expect(files.length).toBeGreaterThan(50);
});

test("no file imports itself by way of others", () => {
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] => {
    if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(" -> ")];
    if (done.has(file)) return [];
    const cycles = imports(file, { types: false }).flatMap((next) => visit(next, [...trail, file]));
    done.add(file);
    return cycles;
  };
  expect(files.flatMap((file) => visit(file, []))).toEqual([]);
});

test("what compiles and renders touches neither files, network, clock nor chance", () => {
  const pure = files.filter((file) => floor(file) <= 2 || file.startsWith("views/") || file.endsWith("/compile.ts"));
  const impure = /from "node:(fs|net|http|child_process)|\bfetch\(|\bDate\.now\(|new Date\(\)|Math\.random\(|process\./;
  const command = "src/manifest/cli.ts";
  expect(pure.filter((file) => file !== command && impure.test(source(file)))).toEqual([]);
});

test("the environment is read in one file", () => {
  expect(files.filter((file) => /process\.env/.test(source(file)))).toEqual(["routes/server.ts"]);
});

test("only logos are written into a page as they are", () => {
  const raw = files.filter((file) => /\braw\(/.test(source(file)) && file !== "badges/logos.ts");
  expect(raw).toEqual([]);
});
