import { mask } from "../../../mask.ts";
import { type Data, Refusal, type Run } from "../../cloud.ts";
import type { World } from "../dependencies.ts";
import { type Known, type Opening, type Request, type Stack, shortId, toldKey, type When } from "../stack.ts";
import { type Answer, type Client, client, type Ready } from "./api/client.ts";
import { insist } from "./api/retry-propagation.ts";
import { type Facts, pick, ready, textAt } from "./resolve-values.ts";

/** One run, with what it works with. */
export interface Session {
  world: World;
  run: Run;
  stack: Stack;
  project: string;
  google: Client;
  /** Asks as long as there is hope: what is throttled, lost, or not known everywhere yet. */
  ask(request: Ready, signal: AbortSignal): Promise<Answer>;
  /** What is known for a resource of this step. */
  facts(about: About, signal: AbortSignal): Facts;
  /** Hides secrets in what others say. */
  hide(text: string): string;
  /** Why steps have failed. */
  causes: Map<string, Refusal>;
  /** From now on this is hidden too. */
  secret(text: string): void;
}

/** Whose words a request is filled with. */
export interface About {
  /** What a step has written down. */
  of(step: string): Data;
  /** Of the step's things, see `attempt` of what is known. */
  number: number;
  /** What is listed of the key in hand, and its secret. */
  key?: Answer;
}

export function sessionOf(world: World, run: Run): Session {
  const stack = run.plan.stack as unknown as Stack;
  const { token = "", project = "" } = run.access;
  const google = client(world, { token, project });
  const hidden = new Set([token, ...secretsIn(stack, run)]);
  const ask = (request: Ready, signal: AbortSignal) => insist(world, () => google.once(request), signal);
  const once = new Map<string, Promise<string>>();
  /** What does not change is asked once. */
  const remembered = (key: string, find: () => Promise<string>) => {
    const known = once.get(key) ?? find();
    once.set(key, known);
    known.catch(() => once.delete(key));
    return known;
  };

  const numberOf = (signal: AbortSignal) =>
    remembered("number", async () => {
      const name = `projects/${project}`;
      const found = await ask({ api: "cloudresourcemanager", method: "projects.get", params: { name } }, signal);
      return textAt(found, "name").replace("projects/", "");
    });

  const openingOf = (signal: AbortSignal) =>
    remembered("opening", async () => {
      const name = `projects/${project}/policies/run.managed.requireInvokerIam`;
      const request = { api: "orgpolicy", method: "projects.policies.getEffectivePolicy", params: { name } } as const;
      // Who may not read policies of the organisation finds out by doing.
      const policy = await google.ask(request, signal).catch(() => ({}));
      const rules = pick(policy, "spec.rules");
      const enforced = Array.isArray(rules) && rules.some((rule) => pick(rule, "enforce") === true);
      return (enforced ? "granted" : "unchecked") satisfies Opening;
    });

  const facts = (about: About, signal: AbortSignal): Facts => {
    const own: Facts = {
      of: (known) => of(known),
      async holds(when: When) {
        if ("given" in when) return (run.env[when.given] ?? "") !== "";
        return (await openingOf(signal)) === when.opening;
      },
    };
    async function of(known: Known): Promise<string> {
      if ("secret" in known) return run.secret(known.secret);
      if ("key" in known) return keyed(about.key, known.key);
      if ("read" in known) return read(known.read, known.at);
      if ("told" in known) {
        const [step, resource, field] = known.told;
        const told = about.of(step)[toldKey(resource, field)];
        if (told === undefined || told === null) throw new Untold(`${step} has not told ${resource}.${field}`);
        return `${told}`;
      }
      if ("answer" in known) {
        const answer = run.env[known.answer] ?? "";
        const { late } = known;
        if (!late || answer !== late.text) return answer;
        const parts = await Promise.all(late.parts.map((part) => (typeof part === "string" ? part : of(part))));
        return parts.join("");
      }
      switch (known.is) {
        case "project":
          return project;
        case "number":
          return numberOf(signal);
        case "region":
          return run.plan.region;
        case "id":
          return shortId(run.id);
        case "deployment":
          return run.id;
        case "attempt":
          return `${about.number}`;
        default:
          return place(run, project, known.is);
      }
    }
    async function read(request: Request, at: string): Promise<string> {
      const value = textAt(await ask(await ready(request, own), signal), at);
      hidden.add(value);
      return value;
    }
    return own;
  };

  return {
    world,
    run,
    stack,
    project,
    google,
    ask,
    facts,
    hide: (text) => mask(hidden)(text),
    causes: new Map(),
    secret: (text) => void hidden.add(text),
  };
}

/** What a request needs was never told, because what tells it was never made. */
export class Untold extends Error {
  override name = "Untold";
}

const keyed = (key: Answer | undefined, path: string): string => {
  if (!key) throw new Error(`no key in hand has ${path}`);
  return textAt(key, path);
};

/** A subnet of the network that a project begins with has the network's name. */
function place({ access, plan: { region } }: Run, project: string, what: "network" | "subnet"): string {
  const { network = "default", subnet = network.split("/").at(-1) ?? "default" } = access;
  const name = what === "network" ? network : subnet;
  if (name.includes("/")) return name;
  return what === "network"
    ? `projects/${project}/global/networks/${name}`
    : `projects/${project}/regions/${region}/subnetworks/${name}`;
}

/** Every secret of ours and every answer that may be one: whatever an app says of them is hidden. */
function secretsIn(stack: Stack, run: Run): string[] {
  const found: string[] = run.app.variables.flatMap(({ name, secret, generator }) =>
    secret || generator ? (run.env[name] ?? []) : [],
  );
  const look = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    for (const one of Object.values(value)) look(one);
    if ("secret" in value && typeof value.secret === "string" && Object.keys(value).length === 1)
      found.push(run.secret(value.secret));
  };
  look(stack);
  return found;
}

/** Throws unless there is a token to work with. */
export function mustBeLent({ access }: Run, next: string) {
  if (!access.token || !access.project)
    throw new Refusal("Access to this project is no longer lent.", next, { lapsed: true });
}
