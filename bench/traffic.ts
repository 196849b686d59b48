// Years that never were: traffic of one repository from a seed, and the truth about it, which is written down beside.
import type { App } from "../src/app.ts";
import type { Cloud, DeploymentEvent } from "../src/clouds/cloud.ts";
import type { Db } from "../src/data/db.ts";
import { createEventBus } from "../src/deployments/event-bus.ts";
import { createDeployments } from "../src/deployments/lifecycle.ts";
import { pruneDeployments } from "../src/deployments/prune.ts";
import { createSeal } from "../src/identity/seal.ts";
import type { Plan } from "../src/plan.ts";
import { limits } from "../src/stats/rate-limit.ts";
import { createVisitCounter } from "../src/stats/visit-counter.ts";
import { seededRandom } from "../test/harness/seeded-random.ts";

const hour = 3600_000;
const day = 24 * hour;

export interface Size {
  /** The first day, `2025-11-01`, and how many. */
  from: string;
  days: number;
  badges: number;
  visits: number;
  deployments: number;
  seed: number;
  /** What is deployed; its lines of log are as many as said. */
  app: App;
  plan: (cloud: string, region: string) => Plan;
  lines: number;
}

/** One thing that happened and counts. */
export interface Fact {
  what: "badge" | "proxy" | "ignoredBadge" | "visit" | "ignoredVisit" | "start" | "success" | "failure" | "removal";
  day: string;
  times: number;
  cloud?: string;
  region?: string;
  version?: string;
  site?: string;
  seconds?: number;
  /** Which of the failures below. */
  failure?: number;
}

export const failures = [
  {
    message: "Resource handler returned message: (service web) did not stabilize: circuit breaker was triggered",
    fault: "app",
  },
  { message: "You have exceeded the quota of 5 VPCs in account 123456789012", fault: "cloud" },
  {
    message: "User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: ecs:CreateCluster",
    fault: "cloud",
  },
] as const;

const places: [string, string[]][] = [
  ["aws", ["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"]],
  ["gcp", ["us-central1", "europe-west1"]],
  ["heroku", ["us", "eu"]],
];
const sites: [string, string | undefined, number][] = [
  ["github.com", "https://github.com/o/r?utm_source=secret", 60],
  ["direct", undefined, 20],
  ["news.ycombinator.com", "https://news.ycombinator.com/item?id=42", 8],
  ["example.org", "https://www.example.org/blog/private-path", 6],
  ["elsewhere", "http://intranet/wiki", 3],
  ["npmjs.com", "https://www.npmjs.com/package/r", 2],
  ["blog.example.net", "https://blog.example.net/x", 1],
];
const weighted = sites.flatMap(([site, referer, share]) =>
  Array<[string, string | undefined]>(share).fill([site, referer]),
);
const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const robot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/** Lets a year pass in `db`, and gives what happened in it. */
export async function livesThrough(db: Db, size: Size): Promise<Fact[]> {
  const random = seededRandom(size.seed);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const facts = new Map<string, Fact>();
  const note = (fact: Omit<Fact, "day" | "times">, times = 1) => {
    const total = { ...fact, day: new Date(clock).toISOString().slice(0, 10) };
    const key = JSON.stringify(total);
    facts.set(key, { ...total, times: (facts.get(key)?.times ?? 0) + times });
  };
  const begin = Date.parse(size.from);
  let clock = begin;
  const now = () => new Date(clock);
  const bytes = (n: number) => crypto.getRandomValues(new Uint8Array(n));
  const { host, owner, repo: name } = size.app.source;
  const repo = `${host}/${owner}/${name}`;

  const counter = createVisitCounter(db, { now, random: bytes, origin: "https://slipway.example", log: console.error });
  const from = (agent: string, address: string, referer?: string) => ({
    method: "GET",
    headers: { "user-agent": agent, "x-forwarded-for": address, ...(referer ? { referer } : {}) },
    socket: { remoteAddress: "10.0.0.1" },
  });
  const address = () => `203.0.${below(256)}.${below(256)}`;
  // Ten million are told one by one, and written down by the hour.
  const tally = new Map<Fact["what"], number>();
  const tell = (what: Fact["what"]) => tally.set(what, (tally.get(what) ?? 0) + 1);
  const loaded = () => {
    const chance = random();
    if (chance < 0.02) {
      counter.badge(repo, from("curl/8.5.0", address()));
      tell("ignoredBadge");
    } else if (chance < 0.9) {
      counter.badge(repo, from("github-camo (876de43e)", address()));
      tell("badge");
      tell("proxy");
    } else {
      counter.badge(repo, from(browser, address()));
      tell("badge");
    }
  };
  /** Somebody's loop: all of it within an hour, from one place. */
  const burst = () => {
    for (let i = 0; i < limits.badge + 10; i++) counter.badge(repo, from(browser, "198.51.100.7"));
    note({ what: "badge" }, limits.badge);
    note({ what: "ignoredBadge" }, 10);
  };
  const visited = () => {
    if (random() < 0.05) {
      counter.visit(repo, from(robot, address()));
      return note({ what: "ignoredVisit" });
    }
    const [site, referer] = pick(weighted);
    counter.visit(repo, from(browser, address(), referer));
    note({ what: "visit", site });
  };

  const takes = { seconds: 0, failure: -1 };
  const scripted = async function* (): AsyncIterable<DeploymentEvent> {
    yield { type: "step", name: "web", state: "running" };
    yield {
      type: "log",
      step: "web",
      lines: Array.from({ length: size.lines }, (_, n) => `line ${n} of what a build says`),
    };
    clock += takes.seconds * 1000;
    const failed = failures[takes.failure];
    yield { type: "step", name: "web", state: failed ? "failed" : "done" };
    if (failed)
      yield { type: "state", state: "failed", error: { message: failed.message, next: "Try again.", step: "web" } };
    else yield { type: "state", state: "succeeded", url: "https://app.example/" };
  };
  const clouds = places.map(
    ([id, regions]): Cloud => ({
      id,
      name: id,
      mark: { name: id, ink: "M0 0h16v16H0z" },
      words: { inSentence: id, docs: "", billed: true, keptAfterFailure: "" },
      regions: regions.map((region) => ({ id: region, name: region })),
      support: () => [],
      variables: (app) => app.variables,
      compile: (_, { region }) => size.plan(id, region),
      connect: { kind: "none", summary: "", parse: () => ({ ok: true, value: {} }) },
      preflight: async () => [],
      provision: scripted,
      async *remove() {
        yield { type: "state", state: "removed" };
      },
    }),
  );
  let ids = 0;
  const ended = createEventBus();
  const story = createDeployments({
    db,
    clouds,
    repositories: { download: async () => {} },
    seal: createSeal("a secret of more than thirty-two letters"),
    feed: ended,
    now,
    newId: () => `${String(++ids).padStart(8, "0")}aaaaaaaaaaaaaaaaaa`,
    log: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const rest = (id: string) =>
    new Promise<void>((resolve) => {
      story.follow(id, Number.MAX_SAFE_INTEGER, { message: () => {}, end: resolve });
    });

  type Done = { id: string; cloud: string; region: string; version: string };
  const there: Done[] = [];
  async function deployed(days: number) {
    const [cloud, regions] = pick(places);
    // A rare one now and then, so that there is something too little to be told apart.
    const region = random() < 0.01 ? "af-south-1" : pick(regions);
    const version = random() < 0.01 ? "fix-typo" : `v1.${Math.floor(days / 20)}.0`;
    const of = { cloud, region, version };
    takes.seconds = 60 + Math.floor(random() ** 3 * 1500);
    takes.failure = random() < 0.15 ? below(failures.length) : -1;
    note({ what: "start", ...of });
    const app = { ...size.app, source: { ...size.app.source, ref: version } };
    const plan = { ...size.plan(cloud, region), cloud, region };
    const order = { request: `request ${ids}`, app, plan, env: {}, access: {} };
    const { id } = story.start(order);
    // The same press, twice.
    if (random() < 0.05) story.start(order);
    await rest(id);
    if (takes.failure >= 0 && random() < 0.5) {
      clock += below(1800) * 1000;
      takes.seconds = 60 + below(600);
      takes.failure = random() < 0.2 ? below(failures.length) : -1;
      if (!story.retry(id)) throw new Error("a failure could not be tried again");
      await rest(id);
    }
    if (takes.failure >= 0) note({ what: "failure", ...of, failure: takes.failure });
    else {
      note({ what: "success", ...of, seconds: takes.seconds });
      there.push({ id, ...of });
    }
  }
  async function removed() {
    const [gone] = there.splice(below(there.length), 1);
    if (!gone) return;
    const { id, ...of } = gone;
    story.remove(id);
    await rest(id);
    note({ what: "removal", ...of });
  }

  const share = (total: number, parts: number, n: number) =>
    Math.floor((total * (n + 1)) / parts) - Math.floor((total * n) / parts);
  const hours = size.days * 24;
  for (let n = 0; n < hours; n++) {
    clock = begin + n * hour;
    for (let i = share(size.badges, hours, n); i > 0; i--) loaded();
    for (let i = share(size.visits, hours, n); i > 0; i--) visited();
    for (const [what, count] of tally) note({ what }, count);
    tally.clear();
    if (n % (24 * 7) === 3) burst();
    counter.flush();
    if (n % 24 !== 12) continue;
    const days = Math.floor(n / 24);
    for (let i = share(size.deployments, size.days, days); i > 0; i--) {
      clock = begin + n * hour;
      await deployed(days);
      if (random() < 0.25) await removed();
    }
    clock = begin + n * hour;
    while (pruneDeployments(db, now()) > 0);
  }
  clock = begin + size.days * day;
  counter.stop();
  return [...facts.values()];
}
