import type { App } from "../../src/app.ts";
import { type Cloud, OperationalError, type Run } from "../../src/clouds/cloud.ts";
import { defineCloud, type Platform } from "../../src/clouds/module.ts";
import type { CloudResponse } from "../../src/clouds/routes.ts";
import { type ExecutableStep, walk } from "../../src/clouds/walk.ts";
import { walkReverse } from "../../src/clouds/walk-reverse.ts";
import { forCloud } from "../../src/manifest/cloud-overrides.ts";
import type { Choice, Plan, Preset } from "../../src/plan.ts";
import { note, ok, problems } from "../../src/result.ts";
import type { PeerModule } from "./peer.ts";

// A made-up cloud, whole in one file: what adding a cloud takes. Apps "run" on sheets of paper on a desk in memory.

type Kind = "service" | "job" | "resource";
interface Sheet {
  step: string;
  title: string;
  kind: Kind;
}
interface Stack {
  sheets: Sheet[];
}

/** The vendor: sheets by name, and the pens that may write them. */
export function createDesk() {
  const sheets = new Map<string, Record<string, string>>();
  const pens = new Set<string>();
  const requests: string[] = [];
  const refusals = new Set<string>();
  const words = "Paper says: the drawer is full.";

  function authorize(request: string, pen: string) {
    requests.push(request);
    if (!pens.has(pen))
      throw new OperationalError("Paper does not know this pen.", "Open the page of your pen again.", { lapsed: true });
    if (refusals.delete(request)) throw new OperationalError(words, "Make room in the drawer, then try again.");
  }

  return {
    sheets,
    pens,
    requests,
    issue: (pen: string) => void pens.add(pen),
    refuse(request: string) {
      refusals.add(request);
      return words;
    },
    async write(request: string, pen: string, name: string, env: Record<string, string>) {
      authorize(request, pen);
      sheets.set(name, env);
    },
    async shred(pen: string, name: string) {
      if (!sheets.has(name)) return;
      authorize("sheets.delete", pen);
      sheets.delete(name);
    },
  };
}
type Desk = ReturnType<typeof createDesk>;

interface PaperConfig {
  /** Where people read what is on the desk. */
  readerUrl: string;
}
type Dependencies = PaperConfig & Pick<Platform, "origin" | "deriveSecret"> & { desk: Desk };

const mark = { name: "Paper", ink: "M3 1h7l3 3v11H3z", line: "M5 7h6v1H5zm0 3h6v1H5z" };

/** Returns what the list of clouds holds. Every cloud that it creates shares the desk. */
export const paperModule = (desk = createDesk()) =>
  defineCloud<PaperConfig>({
    id: "paper",
    mark,
    settings: [
      { name: "PAPER_READER_URL", means: "where people read what is on the desk", unset: "`https://paper.example`" },
    ],
    readConfig: (env) => ({ readerUrl: env.url("PAPER_READER_URL", "https://paper.example") }),
    create: (config, platform) => paper({ ...config, ...platform, desk }),
  });

export const paper = (dependencies: Dependencies): Cloud => ({
  id: "paper",
  name: "Paper and Pencil",
  mark,
  words: {
    inSentence: "paper",
    docs: "docs/clouds/local.md",
    billed: true,
    keptAfterFailure: "The sheets that are written stay on the desk for another try.",
  },
  regions: [
    { id: "desk", name: "The desk" },
    { id: "drawer", name: "The drawer" },
  ],
  support: ({ services }) =>
    services.flatMap(({ name, volumes }) =>
      volumes?.length
        ? [{ ...note(`Paper keeps the volumes of ${name} in a pocket.`), level: "approximate" as const }]
        : [],
    ),
  variables: ({ variables }) => variables,
  compile,
  connect: {
    kind: "token",
    summary: "Your pen writes and shreds sheets on the desk, and nothing else. It is thrown away at the end.",
    setupPath: "/connect/paper",
    setup: [{ path: "", handle: async ({ visitorKey }) => setupPage(dependencies, visitorKey()) }],
    fields: [{ name: "pen", label: "Pen", help: "As the page of your pen shows it.", type: "password" }],
    parse({ pen }) {
      if (typeof pen === "string" && isPen.test(pen)) return ok({ pen });
      return problems(note("This is no pen.", { path: "access.pen", fix: "Copy it from the page of your pen." }));
    },
  },
  async instructions(_, __, { path, query }) {
    const document = { label: "Download the letter", path: `${path}/letter?${query}`, file: "letter.txt" };
    return { command: `lp ${document.file}`, where: "At a printer", document, console: null };
  },
  exports: [{ path: "letter", handle: async (app, plan) => ({ kind: "text", body: letter(app, plan) }) }],
  preflight: async (_, { pen = "" }) =>
    dependencies.desk.pens.has(pen) ? [] : [note("Paper does not know this pen.", { path: "access.pen" })],
  async *provision(run) {
    const outcome = yield* walk(steps(dependencies, run), run);
    if (outcome.end === "failed") yield { type: "state", state: "failed", error: outcome.failure };
    if (outcome.end === "done")
      yield { type: "state", state: "succeeded", url: `${dependencies.readerUrl}/${run.id}/` };
  },
  remove: (run) => walkReverse(run, ({ name }) => dependencies.desk.shred(run.access.pen ?? "", sheetName(run, name))),
});

const isPen = /^pen-[0-9A-Za-z]{16}$/;

const pricePerSheet: Record<Preset, number> = { economy: 0.25, standard: 0.5, production: 1 };

function compile(original: App, { region, preset }: Choice): Plan {
  const app = forCloud(original, "paper");
  const kinds: Record<Kind, { name: string }[]> = {
    resource: app.resources,
    job: app.jobs,
    service: app.services,
  };
  const parts = Object.entries(kinds).flatMap(([kind, items]) =>
    items.map(({ name }, index) => ({
      name,
      step: `${kind}-${index + 1}`,
      title: `${kind} ${name}`,
      kind: kind as Kind,
    })),
  );
  const sheets = [{ name: "", step: "cover", title: "Cover sheet", kind: "resource" as const }, ...parts];
  const stack: Stack = { sheets: sheets.map(({ name: _, ...sheet }) => sheet) };
  return {
    cloud: "paper",
    region,
    preset,
    currency: "USD",
    asOf: "2026-11-01",
    monthly: sheets.length * pricePerSheet[preset],
    lines: sheets.map(({ title, name }) => ({ what: title, for: name, monthly: pricePerSheet[preset] })),
    steps: sheets.map(({ step, title }) => ({ name: step, title })),
    stack: stack as never,
  };
}

const sheetsOf = ({ stack }: Pick<Plan, "stack">) => (stack as unknown as Stack).sheets;
const sheetName = ({ id }: Pick<Run, "id">, step: string) => `${id}/${step}`;

/** Returns the steps: each sheet after those in front of it. */
function steps({ desk }: Dependencies, run: Run): ExecutableStep[] {
  const sheets = sheetsOf(run.plan);
  return sheets.map(({ step, kind }, index) => ({
    name: step,
    dependsOn: sheets.slice(0, index).map((earlier) => earlier.step),
    async *execute() {
      const name = sheetName(run, step);
      yield { data: { sheet: name } };
      await desk.write(`${kind}s.create`, run.access.pen ?? "", name, run.env);
      yield { lines: [`Wrote the sheet ${name}`] };
      return undefined;
    },
  }));
}

function setupPage({ origin, deriveSecret, desk }: Dependencies, visitorKey: string): CloudResponse {
  const pen = `pen-${deriveSecret(visitorKey).slice(0, 16)}`;
  desk.issue(pen);
  return {
    kind: "page",
    json: { pen },
    page: {
      title: "Take a pen",
      lead: "A pen writes on the desk for you alone.",
      unavailable: "There are no pens.",
      methods: [
        {
          title: "From the cup",
          explanation: "It is yours until it is empty.",
          console: null,
          command: { before: "the cup, and run:", label: "Command", line: `echo ${pen}` },
          document: { before: "Or ", label: "read about pens", url: `${origin}/`, after: " first." },
          next: "Go back to the app's page and write the pen there.",
        },
      ],
      permissions: { title: "What a pen may do", items: ["Write and shred **sheets**."], note: "It cannot draw." },
      alternative: { title: "Or give no access", text: "The letter is there either way." },
    },
  };
}

const letter = ({ name }: App, plan: Plan) =>
  [
    `Dear printer, ${JSON.stringify(name)} needs:`,
    ...sheetsOf(plan).map(({ title }) => `- ${JSON.stringify(title)}`),
    "",
  ].join("\n");

export const paperPeer: PeerModule = {
  name: "Paper",
  databasePrograms: [],
  async start() {
    const desk = createDesk();
    return {
      cloud: paper({
        readerUrl: "https://paper.example",
        origin: "https://slipway.example",
        deriveSecret: (text) => text.padEnd(40, "0"),
        desk,
      }),
      async grant() {
        const pen = "pen-0123456789abcdef";
        desk.issue(pen);
        return { pen };
      },
      requests: () => [...desk.requests],
      refuse: desk.refuse,
      inventory: async () => [...desk.sheets.keys()].sort(),
      credentials: () => [...desk.pens],
      async end() {},
    };
  },
};
