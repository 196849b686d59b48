import type { Key, Step } from "../../stack.ts";
import type { Data } from "../app-resources.ts";
import { type Fields, type Part, project, text, told } from "../expressions.ts";
import type { Keeper } from "./secret-manager.ts";

export const keyStep = "keys";

/** A key for all the buckets of the app, of an account that may do nothing else. */
export function keys(all: Data[], keeper: Keeper): Step[] {
  const keyed = all.filter((one) => one.keyed);
  if (keyed.length === 0) return [];
  const { resources, keep } = keeper.ofKey();
  const holder: Fields = { projectId: text(project), serviceAccountEmail: text(told("accounts", "keys", "email")) };
  const accessId: Part = { key: "accessId" };
  const one: Fields = { projectId: text(project), accessId: text(accessId) };
  const key: Key = {
    id: "key",
    kind: "key",
    list: { api: "storage", method: "projects.hmacKeys.list", params: holder },
    create: { api: "storage", method: "projects.hmacKeys.create", params: holder },
    keep,
    remove: [
      { api: "storage", method: "projects.hmacKeys.update", params: one, body: { state: "INACTIVE" } },
      { api: "storage", method: "projects.hmacKeys.delete", params: one },
    ],
    tells: { accessId: "metadata.accessId" },
  };
  return [
    {
      name: keyStep,
      title: "Key for its buckets",
      after: ["accounts", ...keyed.flatMap(({ steps = [] }) => steps.map(({ name }) => name))],
      resources: [...resources, key],
    },
  ];
}
