import { dirname, join } from "node:path/posix";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadEntry } from "tar";
import { OperationalError } from "../clouds/cloud.ts";

export interface Limits {
  /** Bytes as they arrive. */
  packed: number;
  /** Bytes of all files. */
  unpacked: number;
  files: number;
  /** How long nothing may arrive, in ms. */
  silence: number;
}
const LIMITS: Limits = { packed: 200_000_000, unpacked: 1_000_000_000, files: 100_000, silence: 30_000 };

const WHAT = {
  packed: "is larger than 200 MB packed",
  unpacked: "is larger than 1 GB",
  files: "has more than 100,000 files",
};

/**
 * Unpacks a gzipped tar into an empty folder: without its top folder, only what is below `path`, without links that
 * lead out of it. Throws a `Refusal` when it is too large, broken, or has nothing there; a file that was in hand then
 * may take some milliseconds more to close, so whoever deletes the folder tries more than once.
 */
export async function unpack(
  archive: ReadableStream<Uint8Array>,
  { path, into, signal, limits = LIMITS }: { path: string; into: string; signal: AbortSignal; limits?: Limits },
): Promise<void> {
  const { extract } = await import("tar");
  const stop = new AbortController();
  const seen = { packed: 0, unpacked: 0, files: 0 };
  const see = (what: keyof typeof seen, more: number) => {
    seen[what] += more;
    if (seen[what] > limits[what]) stop.abort(new OperationalError(`The repository ${WHAT[what]}.`, TRIM));
  };
  const silence = setTimeout(() => stop.abort(broken("nothing more arrived")), limits.silence);
  const watch = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      silence.refresh();
      see("packed", chunk.length);
      done(null, chunk);
    },
  });
  let written = 0;
  const filter = (name: string, entry: ReadEntry) => {
    see("files", 1);
    see("unpacked", entry.size);
    entry.mode = (entry.mode ?? 0o644) & 0o755;
    const wanted = !stop.signal.aborted && isWanted(name, entry, path);
    if (wanted) written++;
    return wanted;
  };
  const target = extract({
    cwd: into,
    strip: path.split("/").filter(Boolean).length + 1,
    filter: (name, entry) => filter(name, entry as ReadEntry),
    preserveOwner: false,
    noMtime: true,
    strict: true,
  });
  try {
    await pipeline(Readable.fromWeb(archive), watch, target, { signal: AbortSignal.any([signal, stop.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    throw stop.signal.aborted ? stop.signal.reason : broken(error instanceof Error ? error.message : "", error);
  } finally {
    clearTimeout(silence);
  }
  if (written === 0)
    throw new OperationalError(
      `Nothing is in the folder “${path}” at this commit.`,
      "Start again from the app's page.",
    );
}

const TRIM = "Its owner has to make it smaller, or give the app a repository of its own.";
const broken = (why: string, cause?: unknown) =>
  new OperationalError(`The repository could not be downloaded whole (${why}).`, "Try again in a minute.", { cause });

/** Below the folder, and a file, a folder, or a link that stays inside: hard links and devices are in no repository. */
function isWanted(name: string, { type, linkpath = "" }: ReadEntry, path: string): boolean {
  const inRepository = name.slice(name.indexOf("/") + 1).replace(/\/$/, "");
  if (!name.includes("/") || inRepository === "") return false;
  if (path !== "" && !inRepository.startsWith(`${path}/`)) return false;
  const inside = path === "" ? inRepository : inRepository.slice(path.length + 1);
  if (type === "SymbolicLink") return staysInside(inside, linkpath);
  return type === "File" || type === "OldFile" || type === "Directory";
}

/** Up first and only then down: after a step down, which may be another link, nobody knows where “..” leads. */
function staysInside(link: string, target: string): boolean {
  const steps = target.split("/").filter((step) => step !== "" && step !== ".");
  const ups = steps.findIndex((step) => step !== "..");
  if (target.startsWith("/") || ups === -1 || ups >= link.split("/").length) return false;
  const isLoop = `${link}/`.startsWith(`${join(dirname(link), target)}/`);
  return !isLoop && !steps.slice(ups).includes("..");
}
