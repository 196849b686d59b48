import type { App, Resource as Needed, ResourceType } from "../../../app.ts";
import type { CompileContext, StackFragment } from "./context.ts";
import type { TextPart } from "./expressions.ts";
import { database } from "./resources/cloud-sql.ts";
import { bucket } from "./resources/cloud-storage.ts";
import { redis } from "./resources/memorystore.ts";

/** What a resource tells the app. What is hidden must only ever stand in a secret. */
export interface Output {
  parts: TextPart[];
  sensitive?: boolean;
  /** The step that has to be done before it is known. */
  dependsOn?: string;
}

/** A resource as part of the stack. */
export interface CompiledResource extends StackFragment {
  resource: Needed;
  outputs: Record<string, Output>;
  /** A database: what the proxy calls it, and where the proxy listens for it. */
  cloudSqlConnection?: { connection: TextPart; port: number };
  /** A bucket that is reached by keys. */
  hmacBucket?: TextPart[];
}

const compilers: Partial<
  Record<ResourceType, (context: CompileContext, resource: Needed) => Omit<CompiledResource, "resource">>
> = {
  postgres: database,
  mysql: database,
  redis,
  bucket,
};

/** Whether the stack makes such a resource; for the others the visitor is asked. */
export const isManaged = (type: ResourceType): boolean => compilers[type] !== undefined;

export const compileResources = (context: CompileContext): CompiledResource[] =>
  context.app.resources.flatMap((resource) => {
    const compile = compilers[resource.type];
    return compile ? [{ ...compile(context, resource), resource }] : [];
  });

/** What every resource tells, by its name; of the visitor's own, what they have answered. */
export const outputsByResource = ({ resources }: App, all: CompiledResource[]): Map<string, Record<string, Output>> =>
  new Map([
    ...resources.map(({ name, env }): [string, Record<string, Output>] => [name, answers(env)]),
    ...all.map(({ resource: needed, outputs: tells }): [string, Record<string, Output>] => [needed.name, tells]),
  ]);

const answers = (env: Record<string, string>): Record<string, Output> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, template]) => {
      const [, field] = /^\$\{(\w+)\}$/.exec(template) ?? [];
      return field === undefined ? [] : [[field, { parts: [{ answer: name }], sensitive: true }]];
    }),
  );
