import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { badgeClouds } from "./clouds/index.ts";
import { annotate, type Format } from "./manifest/annotations.ts";
import { checkManifest } from "./manifest/check-manifest.ts";
import { filesToRead } from "./manifest/index.ts";

const usage = "Usage: npm run check-manifest -- [--format plain|github] PATH (the app's folder, or a file in it)";
const skipped = new Set([".git", "node_modules", "vendor", ".venv", "target"]);

/** Lists the files below a folder, as paths with slashes, down to a depth at which manifests are found. */
function filesIn(folder: string, prefix = "", depth = 0): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isFile()) return [path];
    return entry.isDirectory() && depth < 4 && !skipped.has(entry.name) ? filesIn(folder, path, depth + 1) : [];
  });
}

function textOf(path: string): string | null {
  if (statSync(path).size > 5_000_000) return null;
  const text = readFileSync(path, "utf8");
  return text.includes("\0") ? null : text;
}

/** Prints the notes on a folder's manifests. Exit code: 0 fine, 1 problems or faults, 2 usage error. */
function main(args: string[]): number {
  let path: string;
  let format: Format;
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { format: { type: "string", default: "plain" } },
      allowPositionals: true,
    });
    if (positionals.length !== 1 || (values.format !== "plain" && values.format !== "github")) throw new Error(usage);
    format = values.format;
    path = positionals[0] ?? ".";
    statSync(path);
  } catch (error) {
    console.error(error instanceof Error ? error.message : usage);
    return 2;
  }
  const folder = statSync(path).isDirectory() ? path : dirname(path);
  const list = filesIn(folder);
  const text = new Map(filesToRead(list).map((file) => [file, textOf(join(folder, file))]));
  const source = {
    host: "local",
    owner: "local",
    repo: basename(resolve(folder)),
    ref: "",
    commit: "",
    path: "",
  } as const;
  const { reading, notes, files } = checkManifest({ list, text, cloudIds: badgeClouds().map(({ id }) => id) }, source);
  const prefix = folder === "." ? "" : `${folder.replace(/\/+$/, "")}/`;
  for (const note of notes) console.log(annotate(note, note.level, format, prefix));
  const names = (reading.app?.read ?? files.map(({ file }) => file)).join(", ") || "nothing";
  console.error(
    reading.app
      ? `${reading.app.name} can be deployed. Read: ${names}.`
      : `This cannot be deployed yet. Read: ${names}.`,
  );
  return notes.some(({ level }) => level !== "remark") ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
