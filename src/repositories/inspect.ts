import type { Source } from "../app.ts";
import { OperationalError } from "../clouds/cloud.ts";
import { badgeClouds } from "../clouds/index.ts";
import type { Check } from "../manifest/check-manifest.ts";
import type { Files } from "../manifest/format.ts";
import type { Reading } from "../plan.ts";
import type { Address, Repositories, RepositoryProblem, Snapshot } from "../repo.ts";
import { note } from "../result.ts";
import type { Settings } from "../settings.ts";
import { createManifestReader, type ManifestReader, TaskEnded } from "./manifest-reader.ts";

export type Inspection =
  | {
      ok: true;
      snapshot: Snapshot;
      reading: Reading;
      /** Its maintainers' settings. */
      settings: Settings;
      /** Set if it is not deployable but was before. */
      lapse?: Regression;
    }
  | { ok: false; trouble: RepositoryProblem };

/** Since when a repository is not deployable, its last deployable commit, and the first that is not. */
export interface Regression {
  since: Date;
  good: string;
  bad: string;
}

const cloudIds = badgeClouds().map(({ id }) => id);

/** Opens a repository at one commit and reads its manifests. */
export type Inspect = (address: Address) => Promise<Inspection>;

/** One thread for the process; it starts with the first repository. */
const sharedReader = createManifestReader();

/** Limits of the cache of readings: entries, and characters of JSON in all. */
const limits = { entries: 500, characters: 32_000_000 };

/** Creates an inspector that caches readings by commit, since a commit never changes. */
export function createInspector(repositories: Pick<Repositories, "open">, reader = sharedReader): Inspect {
  const readings = new Map<string, { reading: Promise<Reading>; characters: number }>();

  function evictOldest() {
    let characters = readings.values().reduce((sum, entry) => sum + entry.characters, 0);
    for (const [key, entry] of readings) {
      if (readings.size <= limits.entries && characters <= limits.characters) return;
      characters -= entry.characters;
      readings.delete(key);
    }
  }

  function readCached(key: string, snapshot: Snapshot): Promise<Reading> {
    const cached = readings.get(key);
    if (cached) return cached.reading;
    const entry = { reading: read(reader, snapshot), characters: 0 };
    readings.set(key, entry);
    entry.reading.then(
      (reading) => {
        entry.characters = JSON.stringify(reading).length;
        evictOldest();
      },
      () => readings.delete(key),
    );
    return entry.reading;
  }

  return async (address) => {
    const opened = await repositories.open(address);
    if (!opened.ok) return opened;
    const { snapshot } = opened;
    try {
      const reading = await readCached(keyOf(snapshot), snapshot);
      return { ok: true, snapshot, reading, settings: reading.app?.settings ?? {} };
    } catch (error) {
      // The repository opened, but a file could not be read: its host is down, or the folder has changed.
      if (!(error instanceof OperationalError)) throw error;
      return { ok: false, trouble: { kind: "unreachable", note: note(error.message, { fix: error.next }) } };
    }
  };
}

async function read(reader: ManifestReader, snapshot: Snapshot): Promise<Reading> {
  try {
    return await reader.run("readManifest", await textsOf(reader, snapshot), sourceOf(snapshot));
  } catch (error) {
    if (!(error instanceof TaskEnded)) throw error;
    return { app: null, problems: [unreadable], remarks: [] };
  }
}

/** Snapshots whose check was ended, so that reloading the page does not repeat it; the oldest go first. */
const endedChecks = new Set<string>();
const maxEndedChecks = 1000;

/** Checks the manifests for their maintainer: notes with positions, corrected texts, and the manifest we suggest. */
export async function checkManifestFiles(snapshot: Snapshot, reader = sharedReader): Promise<Check> {
  const key = keyOf(snapshot);
  const ended: Check = {
    reading: { app: null, problems: [unreadable], remarks: [] },
    notes: [],
    files: [],
    suggestion: null,
  };
  if (endedChecks.has(key)) return ended;
  try {
    return await reader.run("checkManifest", await textsOf(reader, snapshot), sourceOf(snapshot));
  } catch (error) {
    if (!(error instanceof TaskEnded)) throw error;
    endedChecks.add(key);
    if (endedChecks.size > maxEndedChecks) endedChecks.delete(endedChecks.keys().next().value ?? "");
    return ended;
  }
}

async function textsOf(reader: ManifestReader, { files, read }: Snapshot): Promise<Files> {
  const texts = (await reader.run("filesToRead", files)).map(async (file) => [file, await read(file)] as const);
  return { list: files, text: new Map(await Promise.all(texts)), cloudIds };
}

const unreadable = note(
  "Reading this repository's files took more than a second or too much memory, so it was stopped.",
  {
    fix: "Make the manifest, Dockerfile or dependency file that is unusually long or deeply nested simpler.",
  },
);

function keyOf({ address: { host, owner, repo, path }, ref, commit }: Snapshot): string {
  return JSON.stringify([host, owner, repo, ref, commit, path]);
}

function sourceOf({ address, ref, commit }: Snapshot): Source {
  const { host, owner, repo, path } = address;
  return { host, owner, repo, ref, commit, path };
}
