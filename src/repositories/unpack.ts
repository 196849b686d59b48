import { dirname, join } from "node:path/posix";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { ReadEntry } from "tar";
import { OperationalError } from "../clouds/cloud.ts";

export interface Limits {
  /** Bytes of the archive. */
  packed: number;
  /** Bytes of all files. */
  unpacked: number;
  files: number;
  /** How long the stream may stall. */
  idleMs: number;
}
const LIMITS: Limits = { packed: 200_000_000, unpacked: 1_000_000_000, files: 100_000, idleMs: 30_000 };

/** Bytes of headers and padding of one entry, with a long name. */
const TAR_OVERHEAD = 4096;

const EXCEEDED = {
  packed: "is larger than 200 MB packed",
  unpacked: "is larger than 1 GB",
  files: "has more than 100,000 files",
};

/**
 * Unpacks a gzipped tar into an empty folder: without its top folder, only the files below `path`, without links that
 * lead out of it. Throws an OperationalError if it is too large, broken, or empty. A file being written then may take
 * some milliseconds to close, so the caller retries deleting the folder.
 */
export async function unpack(
  archive: ReadableStream<Uint8Array>,
  { path, into, signal, limits = LIMITS }: { path: string; into: string; signal: AbortSignal; limits?: Limits },
): Promise<void> {
  const { extract } = await import("tar");
  const abort = new AbortController();
  const totals = { packed: 0, unpacked: 0, files: 0 };
  const add = (limit: keyof typeof totals, amount: number) => {
    totals[limit] += amount;
    if (totals[limit] > limits[limit]) abort.abort(new OperationalError(`The repository ${EXCEEDED[limit]}.`, TRIM));
  };
  const idleTimer = setTimeout(() => abort.abort(broken("nothing more arrived")), limits.idleMs);
  // Counts what is decompressed, too: padding and headers are no files, and a kilobyte can hold megabytes of them.
  const inflatedMeter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      // The tar reader would decompress an archive in the archive, past this meter.
      if (inflated === 0 && isCompressed(chunk)) abort.abort(broken("it is compressed twice"));
      inflated += chunk.length;
      if (inflated > limits.unpacked + limits.files * TAR_OVERHEAD)
        abort.abort(new OperationalError(`The repository ${EXCEEDED.unpacked}.`, TRIM));
      done(null, chunk);
    },
  });
  const meter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      idleTimer.refresh();
      add("packed", chunk.length);
      done(null, chunk);
    },
  });
  let written = 0;
  let inflated = 0;
  const filter = (name: string, entry: ReadEntry) => {
    add("files", 1);
    add("unpacked", entry.size);
    entry.mode = (entry.mode ?? 0o644) & 0o755;
    const isIncluded = !abort.signal.aborted && isAllowed(name, entry, path);
    if (isIncluded) written++;
    return isIncluded;
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
    await pipeline(Readable.fromWeb(archive), meter, createGunzip(), inflatedMeter, target, {
      signal: AbortSignal.any([signal, abort.signal]),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw abort.signal.aborted ? abort.signal.reason : broken(error instanceof Error ? error.message : "", error);
  } finally {
    clearTimeout(idleTimer);
  }
  if (written === 0)
    throw new OperationalError(
      `Nothing is in the folder “${path}” at this commit.`,
      "Start again from the app's page.",
    );
}

const TRIM = "Its owner has to make it smaller, or give the app a repository of its own.";
const broken = (reason: string, cause?: unknown) =>
  new OperationalError(`The repository could not be downloaded whole (${reason}).`, "Try again in a minute.", {
    cause,
  });

/** Whether bytes begin like gzip or Zstandard; no path of an archive does. */
const isCompressed = ([a, b, c]: Uint8Array) => (a === 0x1f && b === 0x8b) || (a === 0x28 && b === 0xb5 && c === 0x2f);

/** Accepts files, folders and links that stay inside, below the folder: repositories have no hard links or devices. */
function isAllowed(name: string, { type, linkpath = "" }: ReadEntry, path: string): boolean {
  const inRepository = name.slice(name.indexOf("/") + 1).replace(/\/$/, "");
  if (!name.includes("/") || inRepository === "") return false;
  if (path !== "" && !inRepository.startsWith(`${path}/`)) return false;
  const inside = path === "" ? inRepository : inRepository.slice(path.length + 1);
  if (type === "SymbolicLink") return staysInside(inside, linkpath);
  return type === "File" || type === "OldFile" || type === "Directory";
}

/** Accepts “..” only at the start of a link: after a step down, which may itself be a link, its target is unknown. */
function staysInside(link: string, target: string): boolean {
  const steps = target.split("/").filter((step) => step !== "" && step !== ".");
  const ups = steps.findIndex((step) => step !== "..");
  if (target.startsWith("/") || ups === -1 || ups >= link.split("/").length) return false;
  const isLoop = `${link}/`.startsWith(`${join(dirname(link), target)}/`);
  return !isLoop && !steps.slice(ups).includes("..");
}
