import type { Source } from "../app.ts";
import { OperationalError } from "../clouds/cloud.ts";
import { badgeClouds } from "../clouds/index.ts";
import type { Check } from "../manifest/check-manifest.ts";
import type { Files } from "../manifest/format.ts";
import type { Reading } from "../plan.ts";
import type { Address, Repositories, RepositoryProblem, Snapshot } from "../repo.ts";
import { note } from "../result.ts";
import type { Settings } from "../settings.ts";

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

/** Limits of the cache of readings: entries, and characters of JSON in all. */
const limits = { entries: 500, characters: 32_000_000 };

/** Creates an inspector that caches readings by commit, since a commit never changes. */
export function createInspector(repositories: Pick<Repositories, "open">): Inspect {
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
    const entry = { reading: read(snapshot), characters: 0 };
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
    const { host, owner, repo, path } = snapshot.address;
    const key = JSON.stringify([host, owner, repo, snapshot.ref, snapshot.commit, path]);
    try {
      const reading = await readCached(key, snapshot);
      return { ok: true, snapshot, reading, settings: reading.app?.settings ?? {} };
    } catch (error) {
      // The repository opened, but a file could not be read: its host is down, or the folder has changed.
      if (!(error instanceof OperationalError)) throw error;
      return { ok: false, trouble: { kind: "unreachable", note: note(error.message, { fix: error.next }) } };
    }
  };
}

async function read(snapshot: Snapshot): Promise<Reading> {
  // The readers and their parsers load with the first repository, not at start.
  const { readManifest, filesToRead } = await import("../manifest/index.ts");
  return readManifest(await textsOf(snapshot, filesToRead), sourceOf(snapshot));
}

/** Checks the manifests for their maintainer: notes with positions, corrected texts, and the manifest we suggest. */
export async function checkManifestFiles(snapshot: Snapshot): Promise<Check> {
  const [{ filesToRead }, { checkManifest }] = await Promise.all([
    import("../manifest/index.ts"),
    import("../manifest/check-manifest.ts"),
  ]);
  return checkManifest(await textsOf(snapshot, filesToRead), sourceOf(snapshot));
}

async function textsOf({ files, read }: Snapshot, filesToRead: (list: readonly string[]) => string[]): Promise<Files> {
  const texts = filesToRead(files).map(async (file) => [file, await read(file)] as const);
  return { list: files, text: new Map(await Promise.all(texts)), cloudIds };
}

function sourceOf({ address, ref, commit }: Snapshot): Source {
  const { host, owner, repo, path } = address;
  return { host, owner, repo, ref, commit, path };
}
