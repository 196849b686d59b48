import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

// Every floor imports only from itself and from those before it. A path that ends in `/` is a folder with all it holds.
const floors = {
  badges: ["badges/"],
  words: ["src/app.ts", "src/plan.ts", "src/repo.ts", "src/result.ts", "src/settings.ts"],
  rules: [
    "src/manifest/",
    "src/address.ts",
    "src/environment.ts",
    "src/mask.ts",
    "src/deployments/answers.ts",
    "src/deployments/generate-value.ts",
    "src/maintainers/readme/",
  ],
  clouds: ["src/clouds/"],
  effects: ["src/"],
  views: ["views/"],
  routes: ["routes/"],
};

// Inside a cloud: what compiles knows nothing of how access is granted, and neither of how the plan is carried out.
const forbiddenInCloud: Record<string, string[]> = {
  "compile/": ["access/", "provision/", "export/"],
  "provision/": ["access/", "export/"],
  "access/": ["export/"],
  "export/": ["access/"],
};

const pureFloors = ["badges", "words", "rules", "views"];

const files = ["badges", "src", "views", "routes"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file}`)
    .filter((file) => file.endsWith(".ts")),
);

const lies = (file: string, path: string) => (path.endsWith("/") ? file.startsWith(path) : file === path);
const floorOf = (file: string) => Object.values(floors).findIndex((paths) => paths.some((path) => lies(file, path)));
const floorName = (file: string) => Object.keys(floors)[floorOf(file)] ?? "none";

const source = (file: string) => readFileSync(join(root, file), "utf8");

function imports(file: string): string[] {
  const statement = /^(?:import|export)\s+(?:type\s+)?[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm;
  return [...source(file).matchAll(statement)]
    .map(([, from, lazy]) => relative(root, join(root, dirname(file), (from ?? lazy) as string)))
    .filter((target) => target.endsWith(".ts"));
}

test("every path that is named here exists, and every file has a floor", () => {
  const named = Object.values(floors).flat();
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
  expect(files.length).toBeGreaterThan(300);
});

test("a file imports only from its own floor and lower ones", () => {
  const upward = files.flatMap((file) =>
    imports(file)
      .filter((target) => floorOf(target) > floorOf(file))
      .map((target) => `${file} -> ${target}`),
  );
  expect(upward).toEqual([]);
});

test("no file imports itself by way of others, types included", () => {
  const done = new Set<string>();
  const visit = (file: string, trail: string[]): string[] => {
    if (trail.includes(file)) return [[...trail.slice(trail.indexOf(file)), file].join(" -> ")];
    if (done.has(file)) return [];
    const cycles = imports(file).flatMap((next) => visit(next, [...trail, file]));
    done.add(file);
    return cycles;
  };
  expect(files.flatMap((file) => visit(file, []))).toEqual([]);
});

test("compile, access and provision of a cloud are floors of their own", () => {
  const cloudFile = /^src\/clouds\/([^/]+)\/([^/]+\/)/;
  const wrong = files.flatMap((file) => {
    const [, cloud, floor = ""] = cloudFile.exec(file) ?? [];
    const forbidden = forbiddenInCloud[floor];
    if (!cloud || !forbidden) return [];
    return imports(file)
      .filter((target) => {
        const [, other, at = ""] = cloudFile.exec(target) ?? [];
        return other !== undefined && (other !== cloud || forbidden.includes(at));
      })
      .map((target) => `${file} -> ${target}`);
  });
  expect(wrong).toEqual([]);
});
test("a cloud's files are imported by itself and by the list of clouds alone", () => {
  const cloudOf = (file: string) => /^src\/clouds\/([^/]+)\//.exec(file)?.[1];
  const wrong = files
    .filter((file) => file !== "src/clouds/index.ts")
    .flatMap((file) =>
      imports(file)
        .filter((target) => cloudOf(target) !== undefined && cloudOf(target) !== cloudOf(file))
        .map((target) => `${file} -> ${target}`),
    );
  expect(wrong).toEqual([]);
});

test("what compiles and renders touches neither files, network, clock nor randomness", () => {
  const pure = files.filter(
    (file) => pureFloors.includes(floorName(file)) || /^src\/clouds\/[^/]+\/compile\//.test(file),
  );
  const impure =
    /from "node:(fs|net|http|child_process)|\bfetch\(|\bDate\.now\(|new Date\(\)|Math\.random\(|\bprocess\.(?!ts")/;
  expect(pure.filter((file) => impure.test(source(file)))).toEqual([]);
  expect(pure.length).toBeGreaterThan(150);
});

test("the environment is read in one file", () => {
  expect(files.filter((file) => /process\.env/.test(source(file)))).toEqual(["routes/server.ts"]);
});

test("only logos are written into a page as they are", () => {
  const raw = files.filter((file) => /\braw\(/.test(source(file)) && file !== "badges/logos.ts");
  expect(raw).toEqual([]);
});

test("no folder has many more than twenty files", () => {
  const folders = new Map<string, number>();
  for (const file of files) folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1);
  expect([...folders].filter(([, count]) => count > 22)).toEqual([]);
});
