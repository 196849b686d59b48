import type { App, Resource as Needed, ResourceType } from "../../../app.ts";
import type { Piece, Setting } from "./context.ts";
import type { Part } from "./expressions.ts";
import { database } from "./resources/cloud-sql.ts";
import { bucket } from "./resources/cloud-storage.ts";
import { redis } from "./resources/memorystore.ts";

/** What a resource tells the app. What is hidden must only ever stand in a secret. */
export interface Output {
  parts: Part[];
  hidden?: boolean;
  /** The step that has to be done before it is known. */
  from?: string;
}

/** A resource as part of the stack. */
export interface Data extends Piece {
  needed: Needed;
  tells: Record<string, Output>;
  /** A database: what the proxy calls it, and where the proxy listens for it. */
  proxied?: { connection: Part; port: number };
  /** A bucket that is reached by keys. */
  keyed?: Part[];
}

const makers: Partial<Record<ResourceType, (setting: Setting, needed: Needed) => Omit<Data, "needed">>> = {
  postgres: database,
  mysql: database,
  redis,
  bucket,
};

/** Whether the stack makes such a resource; for the others the visitor is asked. */
export const isMade = (type: ResourceType): boolean => makers[type] !== undefined;

export const data = (setting: Setting): Data[] =>
  setting.app.resources.flatMap((needed) => {
    const make = makers[needed.type];
    return make ? [{ ...make(setting, needed), needed }] : [];
  });

/** What every resource tells, by its name; of the visitor's own, what they have answered. */
export const outputs = ({ resources }: App, all: Data[]): Map<string, Record<string, Output>> =>
  new Map([
    ...resources.map(({ name, env }): [string, Record<string, Output>] => [name, answers(env)]),
    ...all.map(({ needed, tells }): [string, Record<string, Output>] => [needed.name, tells]),
  ]);

const answers = (env: Record<string, string>): Record<string, Output> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, template]) => {
      const [, field] = /^\$\{(\w+)\}$/.exec(template) ?? [];
      return field === undefined ? [] : [[field, { parts: [{ answer: name }], hidden: true }]];
    }),
  );
