import type { App, Source } from "../app.ts";
import { type Cloud, OperationalError } from "../clouds/cloud.ts";
import type { Check } from "../manifest/check-manifest.ts";
import type { Files } from "../manifest/format.ts";
import type { Choice, Plan, Reading, Remark } from "../plan.ts";
import type { Address, Repositories, RepositoryProblem, Snapshot } from "../repo.ts";
import { note } from "../result.ts";
import { defaultPreset, isOffered, type Settings } from "../settings.ts";

export type Inspection =
  | {
      ok: true;
      snapshot: Snapshot;
      reading: Reading;
      /** What its maintainers decide about its page. */
      settings: Settings;
      /** It cannot be deployed, though it could before. */
      lapse?: Regression;
    }
  | { ok: false; trouble: RepositoryProblem };

/** Since when a repository cannot be deployed, the commit that was the last to be, and the first that was not. */
export interface Regression {
  since: Date;
  good: string;
  bad: string;
}

/** Looks at a repository: its files at one commit, and what they say. */
export type Inspect = (address: Address) => Promise<Inspection>;

/** How many readings are kept, and with how many letters in all: a manifest may be as long as its writer likes. */
const most = { readings: 500, letters: 32_000_000 };

/** A commit never says anything else, so what it said is kept in memory and costs nothing the second time. */
export function createInspector(repositories: Pick<Repositories, "open">): Inspect {
  const readings = new Map<string, { reading: Promise<Reading>; letters: number }>();

  function forgetOldest() {
    let letters = readings.values().reduce((sum, one) => sum + one.letters, 0);
    for (const [key, one] of readings) {
      if (readings.size <= most.readings && letters <= most.letters) return;
      letters -= one.letters;
      readings.delete(key);
    }
  }

  function readOnce(key: string, snapshot: Snapshot): Promise<Reading> {
    const known = readings.get(key);
    if (known) return known.reading;
    const one = { reading: read(snapshot), letters: 0 };
    readings.set(key, one);
    one.reading.then(
      (done) => {
        one.letters = JSON.stringify(done).length;
        forgetOldest();
      },
      () => readings.delete(key),
    );
    return one.reading;
  }

  return async (address) => {
    const opened = await repositories.open(address);
    if (!opened.ok) return opened;
    const { snapshot } = opened;
    const { host, owner, repo, path } = snapshot.address;
    const key = JSON.stringify([host, owner, repo, snapshot.ref, snapshot.commit, path]);
    try {
      const reading = await readOnce(key, snapshot);
      return { ok: true, snapshot, reading, settings: reading.app?.settings ?? {} };
    } catch (error) {
      // The repository was there, but one of its files could not be had: its host is down, or the folder has changed.
      if (!(error instanceof OperationalError)) throw error;
      return { ok: false, trouble: { kind: "unreachable", note: note(error.message, { fix: error.next }) } };
    }
  };
}

async function read(snapshot: Snapshot): Promise<Reading> {
  // Twelve readers and their parsers: loaded with the first repository, not at start.
  const { readManifest, filesToRead: wanted } = await import("../manifest/index.ts");
  return readManifest(await textsOf(snapshot, wanted), sourceOf(snapshot));
}

/** The same with every note in its place, the corrected texts and the manifest we would write. */
export async function checkManifestFiles(snapshot: Snapshot): Promise<Check> {
  const [{ filesToRead: wanted }, { checkManifest }] = await Promise.all([
    import("../manifest/index.ts"),
    import("../manifest/check-manifest.ts"),
  ]);
  return checkManifest(await textsOf(snapshot, wanted), sourceOf(snapshot));
}

async function textsOf({ files, read }: Snapshot, wanted: (list: readonly string[]) => string[]): Promise<Files> {
  const texts = wanted(files).map(async (file) => [file, await read(file)] as const);
  return { list: files, text: new Map(await Promise.all(texts)) };
}

function sourceOf({ address, ref, commit }: Snapshot): Source {
  const { host, owner, repo, path } = address;
  return { host, owner, repo, ref, commit, path };
}

/** One cloud's answer to an app. */
export interface Offer {
  cloud: Cloud;
  choice: Choice;
  plan: Plan;
  remarks: Remark[];
  /** False when a remark says that something the app needs is missing there. */
  isDeployable: boolean;
}

export const offer = (cloud: Cloud, app: App, choice: Choice): Offer => {
  const remarks = cloud.support(app);
  const possible = remarks.every((remark) => remark.level !== "missing");
  return { cloud, choice, plan: cloud.compile(app, choice), remarks, isDeployable: possible };
};

/** Every cloud that is offered for the app, at its first region and usual preset: possible ones first, cheapest first. */
export const offers = (clouds: Cloud[], app: App, settings: Settings): Offer[] =>
  clouds
    .filter(({ id }) => isOffered(settings, id))
    .map((cloud) => offer(cloud, app, { region: cloud.regions[0]?.id ?? "", preset: settings.preset ?? defaultPreset }))
    .sort((a, b) => Number(b.isDeployable) - Number(a.isDeployable) || price(a) - price(b));

const price = ({ plan }: Offer) => plan.monthly ?? Number.POSITIVE_INFINITY;
