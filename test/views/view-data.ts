import type { App, Variable } from "../../src/app.ts";
import type { SetupMethod } from "../../src/clouds/routes.ts";
import type { Stats } from "../../src/data/store/stats.ts";
import type { Deployment, Plan, Remark } from "../../src/plan.ts";
import { type Note, note } from "../../src/result.ts";
import { type ConsentPage, consentPage } from "../../views/access/connect-oauth.ts";
import { type SetupPage, setupPage } from "../../views/access/setup-page.ts";
import { deploymentPage } from "../../views/deployments/deployment.ts";
import type { DeploymentPage } from "../../views/deployments/deployment-data.ts";
import { type RemovalPage, removalPage } from "../../views/deployments/removal.ts";
import { type ErrorPage, errorPage } from "../../views/error-page.ts";
import type { Html } from "../../views/html.ts";
import { type AccountPage, accountPage } from "../../views/maintainers/account.ts";
import { type StudioPage, studioPage } from "../../views/maintainers/badge-studio.ts";
import {
  type OpenedPage,
  openedPage,
  type PullRequestPage,
  pullRequestPage,
} from "../../views/maintainers/pull-request.ts";
import { type SettingsPage, settingsPage } from "../../views/maintainers/settings.ts";
import { type OperatorPage, operatorPage } from "../../views/moderation/operator.ts";
import { type ReportPage, reportPage } from "../../views/moderation/report.ts";
import { type AppPage, appPage } from "../../views/repositories/app-page.ts";
import { type ConfigurePage, configurePage } from "../../views/repositories/configure.ts";
import { type HomePage, homePage } from "../../views/repositories/home.ts";
import { type ManifestPage, manifestPage } from "../../views/repositories/manifest-page.ts";
import { type ProblemsPage, problemsPage } from "../../views/repositories/not-deployable.ts";
import { type StatsPage, statsPage } from "../../views/stats/stats.ts";
import { type WebhookPage, webhookPage } from "../../views/webhooks/webhook.ts";
import { type WebhooksPage, webhooksPage } from "../../views/webhooks/webhooks.ts";
import { aVariable } from "../harness/apps.ts";

export const assets = (file: string) => `/assets/${file}?v=1f2e3d`;

export const variable = (name: string, overrides: Partial<Variable> = {}) => aVariable({ name, ...overrides });

const commit = "4be7a21c0ffee4be7a21c0ffee4be7a21c0ffee1";

export const discourse: App = {
  name: "Discourse",
  slug: "discourse",
  description: "A platform for community discussion. Free, open, simple.",
  website: "https://www.discourse.org/",
  logo: "",
  keywords: ["forum", "community"],
  source: { host: "github.com", owner: "discourse", repo: "discourse", ref: "v3.6.1", commit, path: "" },
  read: ["app.json", "Procfile", "Dockerfile"],
  build: { kind: "dockerfile", dockerfile: "Dockerfile", context: "." },
  services: [
    {
      name: "web",
      entrypoint: null,
      command: "bundle exec unicorn -c config/unicorn.conf.rb",
      port: 3000,
      public: true,
      size: "M",
      scale: { min: 1, max: 4 },
      health: { path: "/srv/status" },
    },
    {
      name: "sidekiq",
      entrypoint: null,
      command: "bundle exec sidekiq",
      port: null,
      public: false,
      size: "M",
      scale: { min: 1, max: 1 },
      health: null,
    },
  ],
  jobs: [
    { name: "release", entrypoint: null, command: "bundle exec rake db:migrate", when: "release", schedule: null },
    { name: "backup", entrypoint: null, command: "bin/backup", when: "schedule", schedule: "0 3 * * *" },
  ],
  resources: [
    { name: "database", type: "postgres", version: "17", size: "S", env: { DATABASE_URL: "${url}" } },
    {
      name: "cache",
      type: "redis",
      version: null,
      size: "S",
      env: { DISCOURSE_REDIS_HOST: "${host}", DISCOURSE_REDIS_PORT: "${port}" },
    },
  ],
  variables: [
    variable("DISCOURSE_DEVELOPER_EMAILS", {
      description: "The administrator’s e-mail. It gets the first sign-in link.",
      type: "email",
    }),
    variable("DISCOURSE_HOSTNAME", {
      description: "The name people will type, such as forum.example.com. See https://meta.discourse.org/t/12345.",
      placeholder: "<Your host name>",
    }),
    variable("DISCOURSE_SMTP_PASSWORD", { description: "The password of your mail service.", secret: true }),
    variable("SECRET_KEY_BASE", {
      description: "Signs the cookies.",
      secret: true,
      generator: { kind: "hex", length: 128 },
    }),
    variable("DISCOURSE_SMTP_PORT", { type: "number", default: "587", description: "" }),
    variable("DISCOURSE_FORCE_HTTPS", {
      type: "boolean",
      default: "1",
      description: "Redirect every visitor to https.",
    }),
    variable("LANG", { options: ["en_US.UTF-8", "de_DE.UTF-8", "ja_JP.UTF-8"], default: "en_US.UTF-8" }),
    variable("DISCOURSE_SSO_KEY", {
      type: "multiline",
      required: false,
      description: "A PEM key, with its line breaks.",
    }),
    variable("DISCOURSE_ENABLE_CORS", { type: "boolean", required: false }),
    variable("DISCOURSE_CDN_URL", { type: "url", required: false, description: "Where assets are served from." }),
  ],
  success: "/finish-installation",
};

export const hello: App = {
  ...discourse,
  name: "Hello",
  slug: "hello",
  description: "One web process that greets you.",
  website: "",
  source: { host: "local", owner: "examples", repo: "hello", ref: "HEAD", commit, path: "" },
  read: ["app.json"],
  build: { kind: "buildpacks", builder: null, buildpacks: [], language: "node" },
  services: [
    {
      name: "web",
      entrypoint: null,
      command: "node server.js",
      port: 8080,
      public: true,
      size: "S",
      scale: { min: 1, max: 1 },
      health: { path: "/" },
    },
  ],
  jobs: [],
  resources: [],
  variables: [
    variable("GREETING", { description: "Whom to greet." }),
    variable("TOKEN", { description: "Guards the admin page.", secret: true, generator: { kind: "hex", length: 32 } }),
  ],
  success: null,
};

/** Long names in scripts of all directions, and words without an end. */
export const extremeApp: App = {
  ...discourse,
  name: `مرحبا بالعالم ${"Donaudampfschifffahrtsgesellschaft".repeat(4)} 世界`,
  description: `${"沒有空格的很長的說明".repeat(20)} ${"w".repeat(300)}`,
  website: "javascript:alert(1)",
  logo: "javascript:alert(1)",
  source: { ...discourse.source, ref: `feature/${"long-".repeat(40)}branch`, path: `${"deep/".repeat(30)}er` },
  services: discourse.services.map((service) => ({ ...service, name: `${service.name}-${"x".repeat(200)}` })),
  variables: discourse.variables.map((each) => ({
    ...each,
    name: `${each.name}_${"LONG".repeat(40)}`,
    description: "ש".repeat(300),
  })),
};

export const remark = (level: Remark["level"], message: string, fix = ""): Remark => ({
  ...note(message, { fix }),
  level,
});

const clouds = [
  {
    id: "aws",
    name: "Amazon Web Services",
    inSentence: "Amazon Web Services",
    billed: true,
    region: "Ireland",
    monthly: 76.67,
    summary: "Fargate behind HTTPS, RDS, ElastiCache",
    remarks: [remark("approximate", "The schedule runs in UTC.")],
    path: "/github.com/discourse/discourse/aws",
  },
  {
    id: "heroku",
    name: "Heroku",
    inSentence: "Heroku",
    billed: true,
    region: "United States",
    monthly: 22,
    summary: "2 dynos, Postgres Essential-0, Key-Value Mini",
    remarks: [],
    path: "/github.com/discourse/discourse/heroku",
  },
  {
    id: "kubernetes",
    name: "Your Kubernetes",
    inSentence: "Your Kubernetes",
    billed: true,
    region: "",
    monthly: null,
    summary: "Deployments, a load balancer, Postgres and Valkey in the cluster",
    remarks: [],
    path: "/github.com/discourse/discourse/kubernetes",
  },
  {
    id: "digitalocean",
    name: "DigitalOcean",
    inSentence: "DigitalOcean",
    billed: true,
    region: "Frankfurt",
    monthly: 40.15,
    summary: "App Platform, managed Postgres and Valkey",
    remarks: [remark("exact", "Runs as it is.")],
    path: "/github.com/discourse/discourse/digitalocean",
  },
  {
    id: "gcp",
    name: "Google Cloud",
    inSentence: "Google Cloud",
    billed: true,
    region: "Belgium",
    monthly: 96.2,
    summary: "Cloud Run, Cloud SQL, Memorystore",
    remarks: [
      remark(
        "missing",
        "Cloud Run has no place for a worker that never ends.",
        "Give the worker a port, or choose another cloud.",
      ),
    ],
    path: "/github.com/discourse/discourse/gcp",
  },
];

const localOffer = {
  id: "local",
  name: "This machine",
  inSentence: "this machine",
  billed: false,
  region: "this machine",
  monthly: 0,
  summary: "Node, started where Slipway runs",
  remarks: [],
  path: "/local/examples/hello/local",
};

const badge = "/github.com/discourse/discourse/badge.svg";
const markdown =
  "[![Deploy](https://slipway.example/github.com/discourse/discourse/badge.svg)](https://slipway.example/github.com/discourse/discourse)";

export const remarks: Note[] = [
  note("`stack` means nothing here and is left out.", { file: "app.json", line: 9, column: 3, path: "stack" }),
  note("The add-on `papertrail` has no counterpart; logs go to the cloud’s own.", {
    file: "app.json",
    line: 41,
    column: 5,
    path: "addons.2",
    fix: "Nothing, unless the app reads PAPERTRAIL_API_TOKEN.",
  }),
];

export const problems: Note[] = [
  note("`env` must be an object from names to descriptions; here it is a list.", {
    file: "app.json",
    line: 12,
    column: 10,
    path: "env",
    fix: 'Write "env": { "SECRET_KEY_BASE": { "generator": "secret" } }.',
  }),
  note("This is no JSON: a comma is missing before the next key.", { file: "app.json", line: 31, column: 1 }),
  note("Nothing says how the web process starts.", { fix: "Add a Procfile with a line `web: <command>`." }),
];

export const appData: AppPage = {
  withheld: [
    { name: "Heroku", note: "Heroku sleeps, see https://example.com/why." },
    { name: "Azure", note: null },
  ],
  assets,
  app: discourse,
  path: "/github.com/discourse/discourse",
  query: "",
  clouds,
  remarks,
  snippet: { markdown, badge },
  installs: 1204,
  notice: null,
  asOf: "2026-11-01",
};

const plan: Plan = {
  cloud: "aws",
  region: "eu-west-1",
  preset: "economy",
  currency: "USD",
  asOf: "2026-11-01",
  monthly: 76.67,
  lines: [
    { what: "Fargate, 0.5 vCPU, 1 GB", for: "web", monthly: 18.02 },
    { what: "Fargate, 0.25 vCPU, 1 GB", for: "sidekiq", monthly: 10.63 },
    { what: "Load balancer and addresses", for: "", monthly: 23.73 },
    { what: "Postgres 17, db.t4g.micro, 20 GB, 7 days of backups", for: "database", monthly: 14.95 },
    { what: "Valkey 8, cache.t4g.micro", for: "cache", monthly: 9.34 },
    { what: "Traffic out", for: "", monthly: null },
  ],
  steps: [],
  stack: {},
};

export const configureData: ConfigurePage = {
  assets,
  app: discourse,
  path: "/github.com/discourse/discourse",
  query: "?ref=v3.6.1",
  cloud: {
    id: "aws",
    name: "AWS",
    inSentence: "AWS",
    billed: true,
    regions: [
      { id: "eu-west-1", name: "Ireland" },
      { id: "us-east-1", name: "Northern Virginia" },
    ],
    explain:
      "A role that only Slipway can use, only for this. It may create and delete stacks named slipway-*, nothing else, and what we keep of it is wiped at the end.",
    fields: [
      {
        name: "account",
        label: "AWS account number",
        help: "Twelve digits, at the top right of the console.",
        type: "text",
        value: "",
        problem: null,
      },
    ],
  },
  plan,
  presets: [
    { id: "economy", name: "Economy", note: "the smallest that works" },
    { id: "standard", name: "Standard", note: "room for some hundred people" },
    { id: "production", name: "Production", note: "two of everything, backups" },
  ],
  variables: discourse.variables.map((each) => ({ variable: each, value: each.default ?? "", problem: null })),
  problems: [],
  remarks: [remark("approximate", "The schedule runs in UTC, not in the app’s time zone.")],
  request: "7f3k9q",
  repo: "github.com/discourse/discourse",
};

export const configureHello: ConfigurePage = {
  ...configureData,
  app: hello,
  path: "/local/examples/hello",
  query: "",
  cloud: {
    id: "local",
    name: "This machine",
    inSentence: "this machine",
    billed: false,
    needsNoAccess: true,
    regions: [{ id: "here", name: "this machine" }],
    explain: "No access needed. The app runs under your user account; only this computer can reach it.",
    fields: [],
  },
  plan: {
    ...plan,
    cloud: "local",
    region: "here",
    monthly: 0,
    lines: [{ what: "Node process on a free port", for: "web", monthly: 0 }],
  },
  presets: [{ id: "economy", name: "Economy", note: "" }],
  variables: hello.variables.map((each) => ({ variable: each, value: "", problem: null })),
  remarks: [],
  repo: "local/examples/hello",
};

export const configureWrong: ConfigurePage = {
  ...configureData,
  cloud: {
    ...configureData.cloud,
    fields: configureData.cloud.fields.map((field) => ({
      ...field,
      value: "12",
      problem: "An account number has twelve digits.",
    })),
  },
  variables: configureData.variables.map((answer) => ({
    ...answer,
    value: answer.variable.name === "DISCOURSE_SMTP_PORT" ? "five" : answer.value,
    problem:
      answer.variable.name === "DISCOURSE_HOSTNAME"
        ? "Write the name people will type; the manifest only has a placeholder."
        : answer.variable.name === "DISCOURSE_SMTP_PORT"
          ? "This must be a number."
          : null,
  })),
  problems: [
    note("v3.6.1 has a new commit. This plan is for the commit you saw.", { path: "commit" }),
    note("This must be a number.", { path: "env.DISCOURSE_SMTP_PORT" }),
  ],
};

const deployment: Deployment = {
  id: "d7f3k",
  repo: "github.com/discourse/discourse",
  commit,
  cloud: "aws",
  region: "eu-west-1",
  preset: "economy",
  state: "running",
  url: null,
  steps: [],
  error: null,
  created: "2026-11-22T13:00:00.000Z",
  finished: null,
};

type Steps = DeploymentPage["steps"];
const steps: Steps = [
  { name: "network", title: "Network and security groups", state: "done", message: "", elapsed: 41_000 },
  { name: "secrets", title: "Secrets generated in your account", state: "done", message: "", elapsed: 12_000 },
  {
    name: "image",
    title: "Image built from 4be7a21",
    state: "done",
    message: "pushed to slipway-discourse-7f3k",
    elapsed: 245_000,
  },
  {
    name: "database",
    title: "Postgres 17, db.t4g.micro",
    state: "running",
    message: "RDS: Configuring-enhanced-monitoring",
    elapsed: 418_000,
  },
  { name: "cache", title: "Valkey 8", state: "done", message: "", elapsed: 320_000 },
  { name: "release", title: "Run the release job", state: "waiting", message: "", elapsed: null },
  { name: "web", title: "Web service, load balancer and HTTPS address", state: "waiting", message: "", elapsed: null },
];

const stepsIn = (state: Steps[number]["state"]): Steps =>
  steps.map((step) => ({ ...step, state, message: "", elapsed: step.elapsed ?? 9_000 }));

export const deploymentData: DeploymentPage = {
  assets,
  deployment,
  app: { name: "Discourse", logo: "", path: "/github.com/discourse/discourse" },
  cloud: { id: "aws", name: "AWS", inSentence: "AWS", billed: true },
  steps,
  log: [
    "13:04:12 build    ===> BUILDING",
    "13:04:55 build    Bundle complete! 142 Gemfile dependencies, 318 gems now installed.",
    "13:07:02 build    ===> EXPORTING  *** Images (sha256:9b1e)",
    "13:07:10 build    Successfully pushed",
    "13:08:41 database DBInstance CREATE_IN_PROGRESS  configuring-enhanced-monitoring",
  ],
  lastEvent: 42,
  notes: [],
  canRetry: false,
  retryUntil: null,
  now: new Date("2026-11-22T13:08:41.000Z"),
};

export const deploymentSucceeded: DeploymentPage = {
  ...deploymentData,
  deployment: {
    ...deployment,
    state: "succeeded",
    url: "https://discourse-7f3k.eu-west-1.elb.amazonaws.com/finish-installation",
    finished: "2026-11-22T13:12:20.000Z",
  },
  steps: stepsIn("done"),
  notes: ["Your access has been deleted."],
};

export const deploymentFailed: DeploymentPage = {
  ...deploymentData,
  deployment: {
    ...deployment,
    state: "failed",
    finished: "2026-11-22T13:09:20.000Z",
    error: {
      step: "release",
      message: 'rake aborted!\nPG::UndefinedFile: ERROR:  could not open extension control file "vector.control"',
      next: "Ask the maintainers which Postgres extensions the app needs, or choose the standard preset, which has them.",
    },
  },
  steps: steps.map((step) => ({
    ...step,
    state: step.name === "release" ? "failed" : step.name === "web" ? "waiting" : "done",
    message: step.name === "release" ? "exited with 1" : "",
  })),
  notes: ["Five things are still there, and cost money until you remove them."],
  canRetry: true,
  retryUntil: "2026-11-22T14:09:20.000Z",
  fault: "app",
};

export const deploymentRemoving: DeploymentPage = {
  ...deploymentData,
  deployment: { ...deployment, state: "removing" },
  steps: stepsIn("done").map((step, index) => (index > 3 ? { ...step, state: "removed" } : step)),
};

export const deploymentRemoved: DeploymentPage = {
  ...deploymentData,
  deployment: { ...deployment, state: "removed", finished: "2026-11-22T13:09:20.000Z" },
  steps: stepsIn("removed"),
  log: [],
  notes: ["Nothing is left of it in your account."],
};

export const removalData: RemovalPage = {
  assets,
  deployment: deploymentSucceeded.deployment,
  app: deploymentData.app,
  cloud: deploymentData.cloud,
  steps: deploymentSucceeded.steps,
  running: false,
};

export const homeData: HomePage = {
  assets,
  address: "",
  problem: null,
  examples: [
    { name: "Hello", description: "One web process, one question.", path: "/local/examples/hello" },
    { name: "Guestbook", description: "Web, worker, Postgres, Redis and a job.", path: "/local/examples/guestbook" },
    { name: "Static", description: "Some files, served as they are.", path: "/local/examples/static" },
    { name: "Broken", description: "Fails in its release job, on purpose.", path: "/local/examples/broken" },
  ],
  clouds: [
    {
      id: "local",
      name: "This machine",
      inSentence: "this machine",
      billed: false,
      connected: true,
      note: "Apps run beside Slipway and are reached from this machine only.",
    },
    {
      id: "heroku",
      name: "Heroku",
      inSentence: "Heroku",
      billed: true,
      connected: false,
      note: "Set HEROKU_CLIENT_ID and HEROKU_CLIENT_SECRET to connect it.",
    },
  ],
  origin: "https://slipway.example",
};

export const problemsData: ProblemsPage = {
  assets,
  address: "github.com/discourse/discourse",
  path: "/github.com/discourse/discourse",
  problems,
  remarks,
  read: ["app.json"],
  regression: null,
};

export const lapsedData: ProblemsPage = {
  ...problemsData,
  regression: {
    since: "2026-11-22T13:05:00.000Z",
    good: commit,
    bad: "99c0ffee99c0ffee99c0ffee99c0ffee99c0ffee",
    page: `/github.com/discourse/discourse?ref=${commit}`,
  },
};

export const manifestData: ManifestPage = {
  ...problemsData,
  app: discourse,
  problems: [],
  read: discourse.read,
  files: [
    {
      file: "app.json",
      text: '{\n  "name": "Discourse"\n  "env": {}\n}\n',
      notes: [
        {
          file: "app.json",
          line: 2,
          column: 22,
          path: "name",
          message: "A comma is missing after this member.",
          fix: "Write `,` here.",
          level: "fault",
        },
        {
          file: "app.json",
          line: null,
          column: null,
          path: "",
          message: "On the whole fine.",
          fix: "",
          level: "remark",
        },
      ],
      corrected: '{\n  "name": "Discourse",\n  "env": {}\n}\n',
    },
  ],
  suggestion: '{\n  "name": "Discourse"\n}\n',
  clouds: [
    { id: "aws", name: "Amazon Web Services", remarks: [] },
    {
      id: "local",
      name: "This machine",
      remarks: [
        {
          file: "",
          line: null,
          column: null,
          path: "services.web",
          message: "Sizes are ignored: a process takes what it needs.",
          fix: "",
          level: "ignored",
        },
      ],
    },
  ],
};

export const troubleData: ErrorPage = {
  assets,
  title: "GitHub's rate limit is reached",
  message: "Without a token, GitHub allows 60 requests per hour.",
  fix: "The operator of this server can set GITHUB_TOKEN, which allows 5,000.",
  actions: [
    { label: "Try again", href: "/github.com/discourse/discourse" },
    { label: "Open an example", href: "/local/examples/hello" },
  ],
  retryAt: new Date("2026-11-22T13:45:00Z"),
};

const days = Array.from({ length: 30 }, (_, index) => {
  const start = (index * 7) % 11;
  const failure = index % 4 === 0 ? Math.min(start, 2) : 0;
  const date = new Date(Date.UTC(2026, 9, 24 + index)).toISOString().slice(0, 10);
  return {
    day: date,
    badge: 400 + start * 31,
    visit: 40 + start * 5,
    start,
    success: start - failure,
    failure,
    removal: index % 3,
    proxy: 380 + start * 30,
    ignoredBadge: 12,
    ignoredVisit: 9,
  };
});

const sumOf = (key: keyof Stats["totals"]) => days.reduce((sum, counts) => sum + counts[key], 0);

const stats: Stats = {
  from: "2026-10-24",
  to: "2026-11-22",
  totals: {
    badge: sumOf("badge"),
    proxy: sumOf("proxy"),
    ignoredBadge: sumOf("ignoredBadge"),
    visit: sumOf("visit"),
    ignoredVisit: sumOf("ignoredVisit"),
    start: sumOf("start"),
    success: sumOf("success"),
    failure: sumOf("failure"),
    removal: sumOf("removal"),
  },
  rates: { started: 0.0789, succeeded: 0.914, failed: 0.086, removed: 0.19 },
  seconds: { count: 139, median: 412, p95: 1105 },
  spread: [
    { upTo: 300, count: 41 },
    { upTo: 600, count: 62 },
    { upTo: 900, count: 25 },
    { upTo: 1200, count: 11 },
  ],
  days,
  clouds: [
    { id: "heroku", start: 91, success: 85, failure: 6, removal: 20, seconds: { count: 85, median: 300, p95: 540 } },
    { id: "aws", start: 61, success: 54, failure: 7, removal: 9, seconds: null },
  ],
  failures: [
    {
      clouds: [
        { id: "aws", count: 5 },
        { id: "heroku", count: 2 },
      ],
      count: 7,
      last: "2026-11-20",
      message: "(service web) did not stabilize: ECS Deployment Circuit Breaker was triggered.",
      next: 'Listen on the port in PORT, as `"health"` in https://slipway.example/docs says.',
      fault: "app",
    },
    {
      clouds: [{ id: "heroku", count: 6 }],
      count: 6,
      last: "2026-11-01",
      message: "Verify your account.",
      next: "",
      fault: "cloud",
    },
  ],
  months: {
    from: "2026-10-01",
    to: "2026-11-30",
    regions: [
      { cloud: "heroku", region: "us", start: 80, success: 75, failure: 5, removal: 15 },
      { cloud: "aws", region: null, start: 61, success: 54, failure: 7, removal: 9 },
    ],
    versions: [
      { version: "v3.6.1", start: 120, success: 110, failure: 10, removal: 20 },
      { version: null, start: 32, success: 29, failure: 3, removal: 9 },
    ],
    sites: [
      { site: "github.com", visit: 1200 },
      { site: "direct", visit: 500 },
      { site: "elsewhere", visit: 20 },
      { site: null, visit: 7 },
    ],
  },
};

export const statsData: StatsPage = {
  assets,
  path: "/github.com/discourse/discourse",
  repo: "github.com/discourse/discourse",
  stats,
  preset: "30",
  today: "2026-11-22",
  cloudOf: (id) => ({ name: { heroku: "Heroku", aws: "Amazon Web Services" }[id] ?? id }),
  isPublic: false,
};

const zeroTotals = Object.fromEntries(Object.keys(stats.totals).map((what) => [what, 0])) as Stats["totals"];
export const statsEmpty: StatsPage = {
  ...statsData,
  preset: "all",
  stats: {
    ...stats,
    totals: zeroTotals,
    rates: { started: null, succeeded: null, failed: null, removed: null },
    seconds: null,
    spread: [],
    days: [],
    clouds: [],
    failures: [],
    months: { ...stats.months, regions: [], versions: [], sites: [] },
  },
};

export const studioData: StudioPage = {
  assets,
  path: "/github.com/discourse/discourse",
  query: "?ref=v3.6.1",
  app: discourse,
  chosen: { style: "flat", theme: "auto", size: "m", cloud: "", label: "Go", count: true },
  styles: [
    { id: "button", name: "Button", light: `${badge}?theme=light`, dark: `${badge}?theme=dark` },
    { id: "flat", name: "Flat", light: `${badge}?style=flat`, dark: `${badge}?style=flat&theme=dark` },
  ],
  themes: [{ id: "auto", name: "Automatic" }],
  sizes: [{ id: "m", name: "32 pixels high" }],
  clouds: [
    { id: "", name: "Every cloud" },
    { id: "aws", name: "Amazon Web Services only" },
  ],
  maxLabelLength: 48,
  readmes: [[{ image: badge, alt: "Deploy Discourse" }], [{ image: `${badge}?theme=dark`, alt: "Deploy Discourse" }]],
  proposal: "/github.com/discourse/discourse/badge/pull-request?style=flat",
  snippets: [
    { name: "Markdown", text: markdown },
    {
      name: "HTML",
      text: `<a href="https://slipway.example/github.com/discourse/discourse">\n  <img src="${badge}" alt="Deploy">\n</a>`,
    },
  ],
};

export const pullRequestData: PullRequestPage = {
  assets,
  path: "/github.com/discourse/discourse",
  query: "?ref=v3.6.1",
  app: discourse,
  proposal: {
    file: "README.md",
    where: "beside",
    kind: "markdown",
    heroku: true,
    diffs: [
      {
        file: "README.md",
        lines: [
          { kind: "note", text: "@@ -1,3 +1,4 @@" },
          { kind: "same", text: " # Discourse" },
          { kind: "removed", text: "-[![Deploy](old)](old)" },
          { kind: "added", text: `+${markdown}` },
        ],
      },
    ],
    seal: "c2VhbA",
  },
  branch: "main",
  chosen: [["style", "flat"]],
  options: { asHtml: true, replaceHeroku: false, manifest: false },
  canAddManifest: true,
  action: "/github.com/discourse/discourse/badge/pull-request?style=flat",
  signedIn: "ada",
  authorizeUrl: null,
  isStale: true,
};

export const openedData: OpenedPage = { assets, path: "/github.com/discourse/discourse", number: 12, signedIn: "ada" };
const webhookTypes = ["deployment.started", "deployment.failed", "manifest.broken"];

export const webhookData: WebhookPage = {
  assets,
  path: "/github.com/discourse/discourse",
  signedIn: "ada",
  webhook: {
    id: "wh_abcdefghij",
    url: "https://example.com/hooks/slipway?key=value&other=<value>",
    types: ["deployment.failed"],
    on: true,
    reason: "",
    failing: "2026-11-22T13:05:00.000Z",
    created: "2026-11-20T08:00:00.000Z",
  },
  expires: "2026-11-23T13:05:00.000Z",
  secret: "whsec_AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHHIIIIJJJJKKK=",
  types: webhookTypes,
  form: {
    url: "http://example.com",
    types: ["deployment.failed"],
    problems: [note("Only https addresses are asked.", { path: "url", fix: "Write https." })],
  },
  deliveries: [
    {
      id: "msg_one",
      type: "deployment.failed",
      body: '{"type":"deployment.failed","data":{"error":"</pre><script>"}}',
      state: "waiting",
      created: "2026-11-22T13:05:00.000Z",
      next: "2026-11-22T14:05:00.000Z",
      attempts: [
        { at: "2026-11-22T13:05:00.000Z", milliseconds: 12, status: null, answer: "The connection was refused." },
        { at: "2026-11-22T13:06:00.000Z", milliseconds: 40, status: 302, answer: "" },
      ],
    },
    {
      id: "msg_two",
      type: "ping",
      body: "not JSON",
      state: "delivered",
      created: "2026-11-21T13:05:00.000Z",
      next: null,
      attempts: [{ at: "2026-11-21T13:05:00.000Z", milliseconds: 3, status: 204, answer: "" }],
    },
    {
      id: "msg_three",
      type: "deployment.started",
      body: "{}",
      state: "given up",
      created: "2026-11-20T13:05:00.000Z",
      next: null,
      attempts: [],
    },
  ],
};

export const webhookOff: WebhookPage = {
  ...webhookData,
  webhook: { ...webhookData.webhook, on: false, reason: "It answered 410 Gone.", failing: null },
  expires: null,
  secret: null,
  form: { ...webhookData.form, problems: [] },
  deliveries: [],
};

export const webhooksData: WebhooksPage = {
  assets,
  path: "/github.com/discourse/discourse",
  signedIn: "ada",
  webhooks: [webhookData.webhook, webhookOff.webhook, { ...webhookOff.webhook, on: true }],
  types: webhookTypes,
  maxWebhooks: 10,
  form: {
    ...webhookData.form,
    problems: [...webhookData.form.problems, note("Nothing is chosen.", { path: "types" })],
  },
};

const setupMethod = (id: string, title: string, consoleUrl: string | null): SetupMethod => ({
  title,
  explanation: "Your account trusts tokens that this server signs.",
  console: consoleUrl === null ? null : { label: "Open in the AWS console", url: consoleUrl },
  command: {
    before: "CloudShell in the AWS console and run:",
    label: `Command (${title})`,
    line: `curl -fsS 'https://slipway.example/connect/aws/template?way=${id}' -o lend.json`,
  },
  document: {
    before: "Or ",
    label: "download the template",
    url: `https://slipway.example/connect/aws/template?way=${id}`,
    after:
      ", read it and create a stack called `lend-to-slipway` from it, with `Visitor` = `abcdefghijklmnopqrstuvwx`.",
  },
  next: "When the stack is complete, return to the app's page and enter your account ID.",
});

export const setupData: SetupPage = {
  assets,
  setup: {
    title: "Connect your AWS account",
    lead: "A small stack in your account creates a role for Slipway.",
    unavailable: "AWS isn't set up on this server.",
    methods: [
      setupMethod("oidc", "With OpenID Connect", "https://slipway.example/connect/aws/console?way=oidc"),
      setupMethod("role", "With an external ID", null),
    ],
    permissions: {
      title: "Permissions we ask for",
      items: ["**Slipway** (`lent-to-slipway-abcdefghijklmnopqrstuvwx`): create, watch, change and delete stacks."],
      note: "To revoke access, delete the stack `lend-to-slipway`: your apps keep running.",
    },
    alternative: {
      title: "Or deploy without giving access",
      text: "The page of every app's plan has its CloudFormation template.",
    },
  },
};

export const consentData: ConsentPage = {
  assets,
  cloud: { id: "gcp", name: "Google Cloud" },
  explain: "We get access to one of your projects for up to one hour.",
  accountLabel: "Google account",
  requestedAccess: [
    { what: "Service Usage", why: "switch on the APIs that the plan needs" },
    { what: "Cloud Run, Cloud Scheduler", why: "run the services and what has a schedule" },
  ],
  connectedAs: "ada@example.com",
};

const notConnected = {
  connect: "/connect/gcp?to=%2Fgithub.com%2Fdiscourse%2Fdiscourse%2Fgcp",
  returnPath: "/github.com/discourse/discourse/gcp",
  account: null,
  error: null,
};
export const configureConsent: ConfigurePage = {
  ...configureData,
  cloud: {
    ...configureData.cloud,
    ...consentData.cloud,
    explain: consentData.explain,
    page: "/connect/gcp",
    fields: [],
    consent: notConnected,
  },
  instructions: {
    command: "curl -fsS https://slipway.example/github.com/discourse/discourse/gcp/script -o slipway-discourse.sh",
    where: "In Cloud Shell",
    document: { label: "Download the script", path: "/github.com/discourse/discourse/gcp/script", file: "slipway.sh" },
    console: { label: "Open the console", path: "/github.com/discourse/discourse/gcp/console" },
  },
};
const connected = {
  ...notConnected,
  account: "ada@example.com",
  error: { message: "Cloud Billing does not answer.", fix: "Type the project’s id." },
  create: {
    title: "Make a new project for it",
    button: "Make this project",
    help: "A project of its own keeps the app apart.",
    fields: [
      { name: "name", label: "Name", help: "4 to 30 letters.", type: "text", value: "", problem: null },
      {
        name: "billing",
        label: "Who pays",
        help: "",
        type: "choice",
        options: [{ value: "billingAccounts/012345-6789AB-CDEF01", label: "My Billing Account" }],
        value: "",
        problem: null,
      },
    ],
  },
};
export const configureConsented: ConfigurePage = {
  ...configureConsent,
  cloud: {
    ...configureConsent.cloud,
    fields: [
      {
        name: "project",
        label: "Project",
        help: "Everything is created in it and paid by its billing account.",
        type: "choice",
        open: true,
        options: [
          { value: "a-shop-123", label: "A shop (a-shop-123): billing is on" },
          { value: "no-money-7", label: "no-money-7: billing is off, so nothing can be made in it" },
        ],
        value: "",
        problem: "Choose a project.",
        fix: "A project's id is 6 to 30 small letters, digits and hyphens.",
      },
      {
        name: "network",
        label: "Network",
        help: "Of the project.",
        type: "text",
        value: "default",
        problem: null,
        optional: true,
      },
    ],
    consent: connected,
  },
};
const reconnect = { connect: "/connect/gcp?to=%2Fdeployments%2F7", account: null };
export const deploymentLapsed: DeploymentPage = {
  ...deploymentFailed,
  cloud: { ...consentData.cloud, inSentence: "Google Cloud", billed: true },
  fault: undefined,
  deployment: {
    ...deploymentFailed.deployment,
    error: { message: "Your access has expired.", next: "Connect again.", step: "release", lapsed: true },
  },
  reconnect,
};
export const removalConsent: RemovalPage = {
  ...removalData,
  cloud: { ...consentData.cloud, inSentence: "Google Cloud", billed: true },
  access: { ...configureConsent.cloud, consent: notConnected, problem: null },
};
export const removalConsented: RemovalPage = {
  ...removalConsent,
  access: { ...configureConsented.cloud, problem: "Something is wrong." },
};

export const accountData: AccountPage = {
  assets,
  signedIn: "ada",
  login: "ada",
  sessions: [
    { created: "2026-11-22T12:00:00.000Z", used: "2026-11-22", scope: "public_repo", current: true },
    { created: "2026-10-02T08:10:00.000Z", used: "2026-11-20", scope: "", current: false },
  ],
};

export const settingsData: SettingsPage = {
  assets,
  signedIn: "ada",
  path: "/github.com/discourse/discourse",
  repo: "github.com/discourse/discourse",
  clouds: [
    { id: "aws", name: "AWS" },
    { id: "heroku", name: "Heroku" },
  ],
  presets: [
    { id: "economy", name: "Economy", note: "cheapest, for trying it" },
    { id: "standard", name: "Standard", note: "everyday use" },
  ],
  page: { hide: ["heroku"], notes: { heroku: "Heroku sleeps, and Discourse must not." }, preset: "standard" },
  file: { allow: ["aws"], notes: { aws: "Mail needs a verified domain." }, ref: "v3.6.1", stats: "public" },
  problems: [note("This can be no branch, tag or commit.", { path: "ref", fix: "Give a branch." })],
  error: note("The repository has no branch, tag or commit “gone”.", { fix: "Leave the ref out." }),
  saved: { by: "ada", at: "2026-11-22T12:00:00.000Z" },
};

export const reportData: ReportPage = {
  assets,
  path: "/github.com/discourse/discourse",
  repo: "github.com/discourse/discourse",
  reasons: [
    { id: "harm", name: "It is malicious" },
    { id: "other", name: "Something else" },
  ],
  maxLength: 2000,
  input: { reason: "harm", text: "It mines coins." },
  problems: [note("Say what is wrong with it.", { fix: "Choose a reason." })],
  sent: false,
};

export const operatorData: OperatorPage = {
  assets,
  signedIn: "root",
  through: 7,
  reported: [
    {
      repo: "github.com/evil/miner",
      reports: [
        { reason: "It is malicious", text: "It mines coins.", at: "2026-11-22T12:00:00.000Z" },
        { reason: "Something else", text: "", at: "2026-11-22T13:00:00.000Z" },
      ],
    },
  ],
  blocks: [{ name: "github.com/spam", reason: "Spam.", by: "root", at: "2026-11-20T12:00:00.000Z" }],
  input: { name: "evil/miner", reason: "" },
  problems: [note("Enter a reason of at most 300 letters.", { path: "reason" })],
};

/** Every page with every kind of data it can meet, by the name of its picture. */
export const pages: Record<string, () => Html> = {
  home: () => homePage(homeData),
  "home-problem": () =>
    homePage({
      ...homeData,
      address: "gitlab.com/a/b",
      problem: note("Only repositories on github.com can be read.", {
        fix: "Paste an address such as github.com/discourse/discourse.",
      }),
    }),
  "home-bare": () => homePage({ ...homeData, examples: [], clouds: [] }),
  app: () => appPage(appData),
  "app-hello": () =>
    appPage({
      ...appData,
      app: hello,
      path: "/local/examples/hello",
      clouds: [localOffer],
      remarks: [],
      installs: null,
      notice: note("This repository moved here from local/examples/hi.", { fix: "Change the badge when you can." }),
    }),
  "app-wild": () => appPage({ ...appData, app: extremeApp }),
  "app-nowhere": () => appPage({ ...appData, clouds: clouds.slice(4), remarks: [], installs: 1 }),
  webhooks: () => webhooksPage(webhooksData),
  webhook: () => webhookPage(webhookData),
  "webhook-off": () => webhookPage(webhookOff),
  problems: () => problemsPage(problemsData),
  "problems-lapsed": () => problemsPage(lapsedData),
  "problems-nothing": () => problemsPage({ ...problemsData, problems: [], remarks: [], read: [] }),
  manifest: () => manifestPage({ ...manifestData, remarks }),
  "manifest-broken": () => manifestPage({ ...manifestData, app: null, problems, remarks }),
  configure: () => configurePage(configureData),
  "configure-consent": () => configurePage(configureConsent),
  "configure-consented": () => configurePage(configureConsented),
  "configure-lapsed": () =>
    configurePage({ ...configureConsented, problems, cloud: { ...configureConsented.cloud, consent: notConnected } }),
  "configure-hello": () => configurePage(configureHello),
  "configure-wrong": () => configurePage(configureWrong),
  "configure-impossible": () =>
    configurePage({
      ...configureHello,
      app: discourse,
      remarks: [
        remark(
          "missing",
          "This machine runs no containers, so the Dockerfile cannot be used here.",
          "Choose another cloud.",
        ),
        remark("exact", "backup runs on its schedule while this machine is on."),
      ],
    }),
  "configure-wild": () =>
    configurePage({
      ...configureData,
      app: extremeApp,
      variables: extremeApp.variables.map((each) => ({
        variable: each,
        value: "v".repeat(300),
        problem: "p".repeat(300),
      })),
    }),
  deployment: () => deploymentPage(deploymentData),
  "deployment-succeeded": () => deploymentPage(deploymentSucceeded),
  "deployment-failed": () => deploymentPage(deploymentFailed),
  "deployment-lapsed": () => deploymentPage(deploymentLapsed),
  "deployment-lent-again": () =>
    deploymentPage({ ...deploymentLapsed, reconnect: { ...reconnect, account: "ada@example.com" } }),
  "deployment-removing": () => deploymentPage(deploymentRemoving),
  "deployment-removed": () => deploymentPage(deploymentRemoved),
  "deployment-new": () => deploymentPage({ ...deploymentData, steps: [], log: [] }),
  removal: () => removalPage(removalData),
  "removal-consent": () => removalPage(removalConsent),
  "removal-consented": () => removalPage(removalConsented),
  "removal-running": () => removalPage({ ...removalData, running: true, deployment, steps }),
  "removal-nothing": () => removalPage({ ...removalData, running: true, deployment, steps: [] }),
  trouble: () => errorPage(troubleData),
  "trouble-missing": () =>
    errorPage({
      ...troubleData,
      title: "There is no such page",
      message: "Nothing lives at this address.",
      fix: "",
      actions: [],
      retryAt: null,
    }),
  stats: () => statsPage(statsData),
  "stats-first": () => statsPage({ ...statsData, stats: { ...stats, days: days.slice(-1), clouds: [], spread: [] } }),
  "stats-empty": () => statsPage(statsEmpty),
  lend: () => setupPage(setupData),
  "lend-nothing": () => setupPage({ ...setupData, setup: { ...setupData.setup, methods: [] } }),
  consent: () => consentPage(consentData),
  "consent-nobody": () => consentPage({ ...consentData, connectedAs: null }),
  studio: () => studioPage(studioData),
  "pull-request": () => pullRequestPage(pullRequestData),
  "pull-request-allow": () =>
    pullRequestPage({ ...pullRequestData, isStale: false, authorizeUrl: "/sign-in?scope=public_repo" }),
  "pull-request-same": () =>
    pullRequestPage({ ...pullRequestData, proposal: { ...pullRequestData.proposal, where: "same", diffs: [] } }),
  "pull-request-opened": () => openedPage(openedData),
  account: () => accountPage(accountData),
  settings: () => settingsPage(settingsData),
  "settings-fresh": () =>
    settingsPage({ ...settingsData, page: {}, file: {}, problems: [], error: null, saved: null, signedIn: null }),
  report: () => reportPage(reportData),
  "report-sent": () => reportPage({ ...reportData, problems: [], sent: true }),
  operator: () => operatorPage(operatorData),
  "operator-nothing": () =>
    operatorPage({ ...operatorData, reported: [], blocks: [], problems: [], input: { name: "", reason: "" } }),
  "sign-in": () => errorPage({ ...troubleData, signedIn: "ada" }),
};

/** Each page with its data, so that the data can be poisoned first. */
export const views: { name: string; data: object; render(data: object): Html }[] = [
  view("home", { ...homeData, problem: problems[0] ?? null }, homePage),
  view("account", accountData, accountPage),
  view("settings", settingsData, settingsPage),
  view("report", reportData, reportPage),
  view("operator", operatorData, operatorPage),
  view("app", { ...appData, notice: problems[0] ?? null }, appPage),
  view("problems", problemsData, problemsPage),
  view("problems, of what could be deployed before", lapsedData, problemsPage),
  view("manifest", manifestData, manifestPage),
  view("configure", configureWrong, configurePage),
  view("configure on this machine", configureHello, configurePage),
  view("deployment", deploymentData, deploymentPage),
  view("deployment, succeeded", deploymentSucceeded, deploymentPage),
  view("deployment, failed", deploymentFailed, deploymentPage),
  view("removal", removalData, removalPage),
  view("trouble", troubleData, errorPage),
  view("stats", statsData, statsPage),
  view("lend", setupData, setupPage),
  view("consent", consentData, consentPage),
  view("configure, before consent", configureConsent, configurePage),
  view("configure, with consent", configureConsented, configurePage),
  view("deployment, lapsed", deploymentLapsed, deploymentPage),
  view("removal, with consent", removalConsented, removalPage),
  view("studio", studioData, studioPage),
  view("pull request", pullRequestData, pullRequestPage),
  view("pull request, not allowed yet", { ...pullRequestData, allow: "/sign-in?scope=public_repo" }, pullRequestPage),
  view("pull request, opened", openedData, openedPage),
  view("webhooks", webhooksData, webhooksPage),
  view("webhook", webhookData, webhookPage),
  view("webhook, switched off", webhookOff, webhookPage),
];

function view<T extends object>(name: string, data: T, render: (data: T) => Html) {
  return { name, data, render: (input: object) => render(input as T) };
}
