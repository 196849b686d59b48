import type { Request, Resource, Step, Thing, When } from "../../stack.ts";
import type { Setting } from "../context.ts";
import { bytes, type Part, project, text } from "../expressions.ts";
import { labels } from "../labels.ts";
import { named, namer } from "../names.ts";
import { grant } from "../resource-builders.ts";
import { keyStep } from "./hmac-keys.ts";
import { accountEmail, member } from "./service-accounts.ts";

/** A text that nobody is to see, and where it is kept. */
interface Secret {
  suffix: string;
  name: Part[];
  parts: Part[];
  /** The steps it waits for. */
  from: string[];
  when?: When;
}

export interface Keeper {
  /** The name of the secret that keeps this; the same for the same text. */
  keep(wish: string, parts: Part[], from: string[], when?: When): Part[];
  /** The secrets, in steps by what they wait for. */
  steps(): Step[];
  /** Those that wait for the key of the buckets, and how its secret gets into them. */
  ofKey(): { resources: Resource[]; keep: Request[] };
  count(): number;
}

const whole = (name: Part[]): Part[] => ["projects/", project, "/secrets/", ...name];

export function keeper(setting: Setting): Keeper {
  const { app } = setting;
  const all = new Map<string, Secret>();
  const free = namer(60);

  const container = ({ suffix, name, when }: Secret): Resource[] => {
    const secret: Thing = {
      id: suffix,
      kind: "thing",
      create: {
        api: "secretmanager",
        method: "projects.secrets.create",
        params: { parent: text("projects/", project), secretId: text(...name) },
        body: { replication: { automatic: {} }, labels: labels(app) },
      },
      find: { api: "secretmanager", method: "projects.secrets.get", params: { name: text(...whole(name)) } },
      remove: { api: "secretmanager", method: "projects.secrets.delete", params: { name: text(...whole(name)) } },
      mark: "labels",
    };
    const access = grant({
      id: `${suffix}/access`,
      api: "secretmanager",
      on: "projects.secrets",
      name: whole(name),
      role: "roles/secretmanager.secretAccessor",
      member: member(accountEmail("run")),
    });
    return [secret, access].map((one) => ({ ...one, ...(when ? { when } : {}) }));
  };

  const write = ({ name, parts }: Secret): Request => ({
    api: "secretmanager",
    method: "projects.secrets.addVersion",
    params: { parent: text(...whole(name)) },
    body: { payload: { data: bytes(...parts) } },
  });

  const value = (secret: Secret): Thing => ({
    id: `${secret.suffix}/value`,
    kind: "thing",
    create: write(secret),
    find: {
      api: "secretmanager",
      method: "projects.secrets.versions.get",
      params: { name: text(...whole(secret.name), "/versions/latest") },
    },
    remove: null,
    mark: null,
    ...(secret.when ? { when: secret.when } : {}),
  });

  const isOfKey = ({ from }: Secret) => from.includes(keyStep);
  return {
    keep(wish, parts, from, when) {
      const key = JSON.stringify([parts, when]);
      const known = all.get(key);
      if (known) return known.name;
      const suffix = free(wish, "secret");
      const name = named(app.slug, suffix);
      all.set(key, { suffix, name, parts, from: from.toSorted(), ...(when ? { when } : {}) });
      return name;
    },
    steps() {
      const groups = new Map<string, Secret[]>();
      for (const secret of all.values()) {
        if (isOfKey(secret)) continue;
        const key = secret.from.join(" ");
        groups.set(key, [...(groups.get(key) ?? []), secret]);
      }
      return [...groups.values()].map((secrets) => {
        const from = secrets[0]?.from ?? [];
        return {
          name: from.length === 0 ? "secrets" : setting.step(`${from.join("-")}-secrets`, "secrets"),
          title: from.length === 0 ? "Secrets" : `Secrets of ${from.join(" and ")}`,
          after: ["accounts", ...from],
          resources: secrets.flatMap((secret) => [...container(secret), value(secret)]),
        };
      });
    },
    ofKey() {
      const secrets = [...all.values()].filter(isOfKey);
      return { resources: secrets.flatMap(container), keep: secrets.map(write) };
    },
    count: () => all.size,
  };
}
