import type { ApiRequest, Condition, ManagedResource, Resource, Step } from "../../stack.ts";
import type { CompileContext } from "../context.ts";
import { base64, concat, project, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName, uniqueNames } from "../names.ts";
import { iamMember } from "../resource-builders.ts";
import { hmacKeyStepName } from "../step-names.ts";
import { accountEmail, serviceAccountMember } from "./service-accounts.ts";

interface Secret {
  suffix: string;
  name: TextPart[];
  parts: TextPart[];
  dependsOn: string[];
  when?: Condition;
}

export interface SecretRegistry {
  /** Returns the name of the secret with this value; equal values share a secret. */
  secretFor(preferredName: string, parts: TextPart[], dependsOn: string[], when?: Condition): TextPart[];
  /** Returns the steps that create the secrets, grouped by their dependencies. */
  steps(): Step[];
  /** Returns the secrets that depend on the HMAC key, and the requests that store its secret in them. */
  hmacSecrets(): { resources: Resource[]; keep: ApiRequest[] };
  count(): number;
}

const secretPath = (name: TextPart[]): TextPart[] => ["projects/", project, "/secrets/", ...name];

export function createSecretRegistry(context: CompileContext): SecretRegistry {
  const { app } = context;
  const secretsByKey = new Map<string, Secret>();
  const uniqueName = uniqueNames(60);

  const secretResources = ({ suffix, name, when }: Secret): Resource[] => {
    const secret: ManagedResource = {
      id: suffix,
      kind: "thing",
      create: {
        api: "secretmanager",
        method: "projects.secrets.create",
        params: { parent: concat("projects/", project), secretId: concat(...name) },
        body: { replication: { automatic: {} }, labels: resourceLabels(app) },
      },
      find: { api: "secretmanager", method: "projects.secrets.get", params: { name: concat(...secretPath(name)) } },
      remove: {
        api: "secretmanager",
        method: "projects.secrets.delete",
        params: { name: concat(...secretPath(name)) },
      },
      mark: "labels",
    };
    const access = iamMember({
      id: `${suffix}/access`,
      api: "secretmanager",
      collection: "projects.secrets",
      name: secretPath(name),
      role: "roles/secretmanager.secretAccessor",
      member: serviceAccountMember(accountEmail("run")),
    });
    return [secret, access].map((resource) => ({ ...resource, ...(when ? { when } : {}) }));
  };

  const addVersionRequest = ({ name, parts }: Secret): ApiRequest => ({
    api: "secretmanager",
    method: "projects.secrets.addVersion",
    params: { parent: concat(...secretPath(name)) },
    body: { payload: { data: base64(...parts) } },
  });

  const secretVersion = (secret: Secret): ManagedResource => ({
    id: `${secret.suffix}/value`,
    kind: "thing",
    create: addVersionRequest(secret),
    find: {
      api: "secretmanager",
      method: "projects.secrets.versions.get",
      params: { name: concat(...secretPath(secret.name), "/versions/latest") },
    },
    remove: null,
    mark: null,
    ...(secret.when ? { when: secret.when } : {}),
  });

  const needsHmacKey = ({ dependsOn }: Secret) => dependsOn.includes(hmacKeyStepName);
  return {
    secretFor(preferredName, parts, dependsOn, when) {
      const key = JSON.stringify([parts, when]);
      const existing = secretsByKey.get(key);
      if (existing) return existing.name;
      const suffix = uniqueName(preferredName, "secret");
      const name = resourceName(app.slug, suffix);
      secretsByKey.set(key, { suffix, name, parts, dependsOn: dependsOn.toSorted(), ...(when ? { when } : {}) });
      return name;
    },
    steps() {
      const groups = new Map<string, Secret[]>();
      for (const secret of secretsByKey.values()) {
        if (needsHmacKey(secret)) continue;
        const key = secret.dependsOn.join(" ");
        groups.set(key, [...(groups.get(key) ?? []), secret]);
      }
      return [...groups.values()].map((secrets) => {
        const dependsOn = secrets[0]?.dependsOn ?? [];
        return {
          name: dependsOn.length === 0 ? "secrets" : context.step(`${dependsOn.join("-")}-secrets`, "secrets"),
          title: dependsOn.length === 0 ? "Secrets" : `Secrets of ${dependsOn.join(" and ")}`,
          after: ["accounts", ...dependsOn],
          resources: secrets.flatMap((secret) => [...secretResources(secret), secretVersion(secret)]),
        };
      });
    },
    hmacSecrets() {
      const secrets = [...secretsByKey.values()].filter(needsHmacKey);
      return { resources: secrets.flatMap(secretResources), keep: secrets.map(addVersionRequest) };
    },
    count: () => secretsByKey.size,
  };
}
