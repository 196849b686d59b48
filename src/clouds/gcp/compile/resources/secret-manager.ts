import type { ApiRequest, Condition, ManagedResource, Resource, Step } from "../../stack.ts";
import type { CompileContext } from "../context.ts";
import { base64, concat, project, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName, uniqueNames } from "../names.ts";
import { iamMember } from "../resource-builders.ts";
import { hmacKeyStepName } from "../step-names.ts";
import { accountEmail, serviceAccountMember } from "./service-accounts.ts";

/** A text that nobody is to see, and where it is kept. */
interface Secret {
  suffix: string;
  name: TextPart[];
  parts: TextPart[];
  /** The steps it waits for. */
  from: string[];
  when?: Condition;
}

export interface SecretRegistry {
  /** The name of the secret that keeps this; the same for the same text. */
  secretFor(wish: string, parts: TextPart[], from: string[], when?: Condition): TextPart[];
  /** The secrets, in steps by what they wait for. */
  steps(): Step[];
  /** Those that wait for the key of the buckets, and how its secret gets into them. */
  hmacSecrets(): { resources: Resource[]; secretFor: ApiRequest[] };
  count(): number;
}

const whole = (name: TextPart[]): TextPart[] => ["projects/", project, "/secrets/", ...name];

export function createSecretRegistry(setting: CompileContext): SecretRegistry {
  const { app } = setting;
  const all = new Map<string, Secret>();
  const free = uniqueNames(60);

  const container = ({ suffix, name, when }: Secret): Resource[] => {
    const secret: ManagedResource = {
      id: suffix,
      kind: "thing",
      create: {
        api: "secretmanager",
        method: "projects.secrets.create",
        params: { parent: concat("projects/", project), secretId: concat(...name) },
        body: { replication: { automatic: {} }, labels: resourceLabels(app) },
      },
      find: { api: "secretmanager", method: "projects.secrets.get", params: { name: concat(...whole(name)) } },
      remove: { api: "secretmanager", method: "projects.secrets.delete", params: { name: concat(...whole(name)) } },
      mark: "labels",
    };
    const access = iamMember({
      id: `${suffix}/access`,
      api: "secretmanager",
      on: "projects.secrets",
      name: whole(name),
      role: "roles/secretmanager.secretAccessor",
      member: serviceAccountMember(accountEmail("run")),
    });
    return [secret, access].map((one) => ({ ...one, ...(when ? { when } : {}) }));
  };

  const write = ({ name, parts }: Secret): ApiRequest => ({
    api: "secretmanager",
    method: "projects.secrets.addVersion",
    params: { parent: concat(...whole(name)) },
    body: { payload: { data: base64(...parts) } },
  });

  const value = (secret: Secret): ManagedResource => ({
    id: `${secret.suffix}/value`,
    kind: "thing",
    create: write(secret),
    find: {
      api: "secretmanager",
      method: "projects.secrets.versions.get",
      params: { name: concat(...whole(secret.name), "/versions/latest") },
    },
    remove: null,
    mark: null,
    ...(secret.when ? { when: secret.when } : {}),
  });

  const isOfKey = ({ from }: Secret) => from.includes(hmacKeyStepName);
  return {
    secretFor(wish, parts, from, when) {
      const key = JSON.stringify([parts, when]);
      const known = all.get(key);
      if (known) return known.name;
      const suffix = free(wish, "secret");
      const name = resourceName(app.slug, suffix);
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
    hmacSecrets() {
      const secrets = [...all.values()].filter(isOfKey);
      return { resources: secrets.flatMap(container), secretFor: secrets.map(write) };
    },
    count: () => all.size,
  };
}
