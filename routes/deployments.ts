import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { readAddress } from "../src/address.ts";
import { answer as answerVariables } from "../src/answers.ts";
import { keptAfterFailure, ourBug, repoPath, toDeployment } from "../src/deployments.ts";
import { offer } from "../src/look.ts";
import type { Address } from "../src/repo.ts";
import { type Note, note } from "../src/result.ts";
import type { Row } from "../src/store/deployments.ts";
import { lastEventId, lastLines } from "../src/store/events.ts";
import { stepsOf } from "../src/store/steps.ts";
import { deploymentPage } from "../views/deployment.ts";
import { removalPage } from "../views/removal.ts";
import { answer, isProgram, refused, troubled } from "./answer.ts";
import { assets } from "./assets.ts";
import { choiceOf, form } from "./configure.ts";
import { appOf, type Looked, pathOf } from "./looked.ts";
import type { Ordered } from "./order.ts";
import type { Slipway } from "./slipway.ts";

const shownLines = 500;

export const deployments = (slipway: Slipway) => {
  const { config, db, clouds, deployments, now } = slipway;
  const limit = bodyLimit({
    maxSize: 512 * 1024,
    onError: (c) =>
      refused(c, 413, "These answers are too long", {
        message: "All answers together may be 512 kB long.",
        fix: "Put what is longer into a file of the repository, or behind a URL.",
      }),
  });
  const missing = (c: Context) =>
    refused(c, 404, "There is no such deployment", {
      message: "Either its address is not complete, or it never was.",
      fix: "Its address was shown when it was started, and ends in 26 letters and digits.",
    });

  return new Hono()
    .post("/deployments", limit, async (c) => {
      // Loaded with its schemas when the first order comes, not at start.
      const { readOrder } = await import("./order.ts");
      const order = await readOrder(c);
      if (!order.ok) return unusable(c, order.problems);
      const started = await start(c, slipway, order.value);
      if (started instanceof Response) return started;
      const url = `/deployments/${started.id}`;
      return isProgram(c)
        ? c.json({ id: started.id, url: `${config.origin}${url}` }, 201, { Location: url })
        : c.redirect(url, 303);
    })

    .get("/deployments/:id", (c) => {
      const row = deployments.find(c.req.param("id"));
      if (!row) return missing(c);
      c.header("Cache-Control", "no-store");
      return answer(
        c,
        () => toDeployment(db, row),
        () => {
          // The id first: what is said while the page is being made is then told again, never left out.
          const lastEvent = lastEventId(db, row.id);
          return deploymentPage({
            ...told(row),
            log: lastLines(db, row.id, shownLines),
            lastEvent,
            notes: row.state === "failed" ? whatIsLeft(row) : [],
            fault: faultOf(row),
            canRetry: deployments.canRetry(row),
            retryUntil: row.finished ? new Date(row.finished.getTime() + keptAfterFailure).toISOString() : null,
            now: now(),
          });
        },
      );
    })

    .get("/deployments/:id/removal", (c) => {
      const row = deployments.find(c.req.param("id"));
      if (!row) return missing(c);
      if (row.state === "removing" || row.state === "removed") return c.redirect(`/deployments/${row.id}`, 303);
      return c.html(removalPage({ ...told(row), running: row.state === "running" }));
    })

    .post("/deployments/:id/removal", limit, (c) => {
      const id = c.req.param("id");
      if (!deployments.remove(id)) return missing(c);
      return done(c, id);
    })

    .post("/deployments/:id/retry", limit, (c) => {
      const id = c.req.param("id");
      const row = deployments.find(id);
      if (!row) return missing(c);
      if (row.state !== "running" && !deployments.retry(id))
        return refused(c, 409, "This cannot be tried again", {
          message:
            row.state === "failed"
              ? "The answers of this deployment are no longer kept."
              : `It has ${row.state} already.`,
          fix: `Start a new one at ${config.origin}${repoPath(row)}.`,
        });
      return done(c, id);
    });

  /** What every page about a deployment is told. */
  function told(row: Row) {
    const end = row.finished ?? now();
    return {
      assets,
      deployment: toDeployment(db, row),
      app: { name: row.app.name, logo: row.app.logo, path: repoPath(row) },
      cloud: { id: row.cloud, name: clouds.find(({ id }) => id === row.cloud)?.name ?? row.cloud },
      steps: stepsOf(db, row.id).map(({ name, title, state, message, began, since }) => {
        const until = state === "running" ? end : since;
        return { name, title, state, message, elapsed: began ? Math.max(0, until.getTime() - began.getTime()) : null };
      }),
    };
  }

  function done(c: Context, id: string) {
    const row = deployments.find(id);
    return isProgram(c) && row ? c.json(toDeployment(db, row), 202) : c.redirect(`/deployments/${id}`, 303);
  }
};

/** A command of the app that failed is the app's doing; what threw is ours. */
function faultOf({ error, app }: Row): "app" | "slipway" | undefined {
  if (error === null) return undefined;
  if (error.message === ourBug) return "slipway";
  const own = ["build", ...app.services.map(({ name }) => name), ...app.jobs.map(({ name }) => name)];
  return own.includes(error.step) ? "app" : undefined;
}

const whatIsLeft = ({ sealed }: Row) =>
  sealed === null ? [] : ["What was made before it stopped is kept for another try, and so are your answers."];

const unusable = (c: Context, problems: Note[]) => {
  const [first] = problems;
  if (isProgram(c) || !first) return c.json({ problems }, 422);
  return refused(c, 422, "This cannot be deployed as it is", first);
};

async function start(c: Context, slipway: Slipway, order: Ordered): Promise<{ id: string } | Response> {
  const { clouds, lookAt, deployments, random } = slipway;
  const pasted = readAddress(order.repo);
  if (!pasted.ok) return unusable(c, pasted.problems);
  const cloud = clouds.find(({ id }) => id === order.cloud);
  if (!cloud) {
    const known = clouds.map(({ id }) => id).join(", ");
    return unusable(c, [
      note(`There is no cloud called ${order.cloud.slice(0, 40)} here.`, {
        path: "cloud",
        fix: `Choose one of: ${known}.`,
      }),
    ]);
  }
  const { rest: _, ...bare } = pasted.value;
  const address: Address = { ...bare, ref: order.ref || bare.ref, path: order.path || bare.path };
  // What was reviewed is what is deployed, though the branch may have moved on since.
  const pinned = address.host === "github.com" && order.commit ? { ...address, ref: order.commit } : address;
  const look = await lookAt(pinned);
  if (!look.ok) return troubled(c, look.trouble);
  const found: Looked = { ...look, address, ...pathOf(address) };
  const read = await appOf(c, found);
  if (read instanceof Response) return read;
  const app = {
    ...read,
    variables: cloud.variables(read),
    source: { ...read.source, ref: address.ref ?? read.source.ref },
  };

  const choice = choiceOf(cloud, order);
  const given = Object.fromEntries(Object.entries(order.env).map(([name, value]) => [name, String(value)]));
  const problems: Note[] = [];
  if (order.commit && look.snapshot.commit !== order.commit)
    problems.push(
      note("The repository has changed since this page was opened.", {
        fix: "Look through it once more, then press the button again.",
      }),
    );
  const answered = answerVariables(app.variables, given, random);
  if (!answered.ok) problems.push(...answered.problems);
  const access = cloud.connect.read(order.access);
  if (!access.ok) problems.push(...access.problems);
  const { plan, remarks } = offer(cloud, app, choice);
  problems.push(...remarks.filter(({ level }) => level === "missing").map(({ level: __, ...rest }) => rest));
  if (order.region && order.region !== choice.region)
    problems.push(
      note(`${cloud.name} has no region called ${order.region.slice(0, 40)}.`, {
        path: "region",
        fix: `Choose one of: ${cloud.regions.map(({ id }) => id).join(", ")}.`,
      }),
    );
  if (problems.length === 0 && access.ok) problems.push(...(await cloud.preflight(plan, access.value)));

  if (problems.length === 0 && answered.ok && access.ok) {
    const request = order.request ? `${order.repo} ${order.request}` : Buffer.from(random(16)).toString("base64url");
    return deployments.start({ request, app, plan, env: answered.value, access: access.value });
  }
  if (isProgram(c)) return c.json({ problems }, 422);
  const request = order.request || Buffer.from(random(16)).toString("base64url");
  return c.html(form(found, { app, cloud, choice, given, problems, request }), 422);
}
