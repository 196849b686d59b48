import { z } from "zod";
import { App, Json } from "../../src/app.ts";
import { Deployment, Note, Plan, presets, Reading, Remark } from "../../src/plan.ts";
import { CreateDeploymentBody } from "../deployments/create-body.ts";
import { maintainerPaths, maintainerTwins } from "./maintainer-schemas.ts";
import { StatsTwin } from "./stats-schema.ts";
import { webhookPaths, webhookTwins } from "./webhook-schemas.ts";

export const Problems = z.object({ problems: z.array(Note) });
export const AppTwin = z.object({
  app: App,
  clouds: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      monthly: z.number().nullable(),
      region: z.string(),
      remarks: z.array(Remark),
      note: z.string().nullable().meta({ description: "The maintainers' note about this cloud" }),
      url: z.url(),
    }),
  ),
});
export const CloudTwin = z.object({
  app: App,
  plan: Plan.omit({ stack: true, steps: true }),
  remarks: z.array(Remark),
  note: z.string().nullable().meta({ description: "The maintainers' note about this cloud" }),
});
export const AccessBody = z.object({ access: z.record(z.string(), z.unknown()) });
export const Snippets = z.object({
  badges: z.array(z.object({ image: z.url(), page: z.url() })),
  snippets: z.object({ markdown: z.string(), html: z.string(), rst: z.string(), asciidoc: z.string() }),
});
export const Started = z.object({
  id: z.string(),
  url: z.url(),
  key: z.string().meta({ description: "Lets a program retry or remove it: `Authorization: Bearer KEY`" }),
});

const schemas = {
  Json,
  App,
  Note,
  Reading,
  Problems,
  AppTwin,
  CloudTwin,
  Deployment,
  OrderBody: CreateDeploymentBody,
  Lent: AccessBody,
  Snippets,
  Started,
  StatsTwin,
  ...webhookTwins,
  ...maintainerTwins,
};

type Name = keyof typeof schemas;
const json = (name: Name) => ({ "application/json": { schema: { $ref: `#/components/schemas/${name}` } } });
const responses = (ok: string, name: Name, errors: Record<string, [string, Name]> = {}) => ({
  [ok]: { description: "As requested", content: json(name) },
  ...Object.fromEntries(
    Object.entries(errors).map(([status, [description, schema]]) => [status, { description, content: json(schema) }]),
  ),
});
const parameter = (location: "path" | "query", name: string, description: string) => ({
  name,
  in: location,
  required: location === "path",
  description,
  schema: { type: "string" },
});

const repo = [
  parameter("path", "host", "github.com or local"),
  parameter("path", "owner", "The owner of the repository"),
  parameter("path", "repo", "The name of the repository"),
  parameter("query", "ref", "Branch, tag, commit or latest-release"),
  parameter("query", "path", "The folder of the app inside the repository"),
];
const badge = [
  ...repo,
  parameter("query", "style", "button, flat, flat-square, plastic, for-the-badge or social"),
  parameter("query", "theme", "auto, light or dark"),
  parameter("query", "label", "Custom button text"),
  parameter("query", "cloud", "The id of a cloud"),
  parameter("query", "count", "true: shows the number of installs"),
  parameter("query", "size", "m or l"),
];
const cloud = [
  ...repo,
  parameter("path", "cloud", "The id of a cloud, such as aws"),
  parameter("query", "region", "One of the cloud's regions"),
  parameter("query", "preset", new Intl.ListFormat("en-GB", { type: "disjunction" }).format(presets)),
];
const id = [parameter("path", "id", "The id of a deployment")];
const repositoryErrors: Record<string, [string, Name]> = {
  "400": ["The URL can't be read", "Problems"],
  "403": ["It is blocked here, or not offered on this cloud", "Problems"],
  "404": ["Repository, ref or folder not found", "Problems"],
  "422": ["It can't be deployed yet", "Problems"],
  "502": ["The repository's host isn't responding", "Problems"],
  "503": ["The repository's host limits our requests", "Problems"],
};
const noDeployment: Record<string, [string, Name]> = { "404": ["Deployment not found", "Problems"] };

const paths = {
  "/{host}/{owner}/{repo}": {
    get: {
      summary: "The app, and every cloud with its price, cheapest first",
      parameters: repo,
      responses: responses("200", "AppTwin", repositoryErrors),
    },
  },
  "/{host}/{owner}/{repo}/manifest": {
    get: {
      summary: "The parsed manifest with every problem and remark",
      parameters: repo,
      responses: responses("200", "Reading", {
        ...repositoryErrors,
        "422": ["It can't be deployed yet", "Reading"],
      }),
    },
  },
  "/{host}/{owner}/{repo}/stats.json": {
    get: {
      summary: "Badge loads, visits, installs and their outcomes; for maintainers unless public",
      parameters: [
        ...repo.slice(0, 3),
        parameter("query", "days", "7, 30, 90, 365 or all; 30 when left out"),
        parameter("query", "from", "The first day, such as 2026-11-01, in UTC"),
        parameter("query", "to", "The last day"),
      ],
      responses: responses("200", "StatsTwin", {
        "401": ["Not signed in", "Problems"],
        "403": ["You don't have access to it", "Problems"],
      }),
    },
  },
  "/{host}/{owner}/{repo}/badge.svg": {
    get: {
      summary: "The badge: always an image",
      parameters: badge,
      responses: { "200": { description: "An image", content: { "image/svg+xml": { schema: { type: "string" } } } } },
    },
  },
  "/{host}/{owner}/{repo}/badge": {
    get: {
      summary: "The badge as text for a README",
      parameters: badge,
      responses: responses("200", "Snippets", repositoryErrors),
    },
  },
  "/{host}/{owner}/{repo}/{cloud}": {
    get: {
      summary: "The plan on one cloud, with a price on every line",
      parameters: cloud,
      responses: responses("200", "CloudTwin", repositoryErrors),
    },
  },
  "/{host}/{owner}/{repo}/{cloud}/stack": {
    get: {
      summary: "The cloud's own document",
      parameters: cloud,
      responses: { "200": { description: "As requested", content: { "application/json": { schema: {} } } } },
    },
  },
  ...webhookPaths({ json, responses, parameter, repo: repo.slice(0, 3) }),
  ...maintainerPaths({ json, responses, repo: repo.slice(0, 3) }),
  "/{host}/{owner}/{repo}/{cloud}/script": {
    get: {
      summary: "The same as commands, for clouds whose API takes no document",
      parameters: cloud,
      responses: {
        "200": { description: "As requested", content: { "text/plain": { schema: { type: "string" } } } },
        "404": { description: "This cloud has none" },
      },
    },
  },
  "/deployments": {
    post: {
      summary: "Start a deployment",
      requestBody: { required: true, content: json("OrderBody") },
      responses: responses("201", "Started", {
        "422": ["Every problem of the request", "Problems"],
        "403": ["It is blocked, not offered there, or comes from another site", "Problems"],
      }),
    },
  },
  "/deployments/{id}": {
    get: {
      summary: "A deployment as it is now",
      parameters: id,
      responses: responses("200", "Deployment", noDeployment),
    },
  },
  "/deployments/{id}/events": {
    get: {
      summary: "Step, log and state events; resumes after Last-Event-ID",
      parameters: id,
      responses: {
        "200": { description: "Server-sent events", content: { "text/event-stream": { schema: { type: "string" } } } },
        "204": { description: "The stream has ended" },
      },
    },
  },
  "/deployments/{id}/removal": {
    post: {
      summary: "Delete everything it created",
      parameters: id,
      requestBody: { description: "Access, granted again if it was deleted", content: json("Lent") },
      responses: responses("202", "Deployment", {
        ...noDeployment,
        "422": ["Access must be granted again", "Problems"],
      }),
    },
  },
  "/deployments/{id}/retry": {
    post: {
      summary: "Retry from the failed step",
      parameters: id,
      requestBody: { description: "Access that replaces an expired one", content: json("Lent") },
      responses: responses("202", "Deployment", {
        ...noDeployment,
        "409": ["It can't be retried", "Problems"],
        "422": ["Access has expired and must be granted again", "Problems"],
      }),
    },
  },
};

const info = { title: "Slipway", version: "1", description: "A deploy button for any cloud." };

/** Returns the OpenAPI document of a server at `origin`. */
export function openApiDocument(origin: string) {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const { schemas: jsonSchemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: "output",
  });
  const components = Object.entries(jsonSchemas).map(([id, { $id: _, $schema: __, ...schema }]) => [id, schema]);
  return {
    openapi: "3.1.0",
    info,
    servers: [{ url: origin }],
    paths,
    components: { schemas: Object.fromEntries(components) },
  };
}
