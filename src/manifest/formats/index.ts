import type { ManifestFormat } from "../format.ts";
import { appjson, slipwayjson } from "./app-json/index.ts";
import { compose } from "./compose/index.ts";
import { convox } from "./convox.ts";
import { digitalocean } from "./digitalocean.ts";
import { dockerfile } from "./dockerfile.ts";
import { fly } from "./fly.ts";
import { helm } from "./helm.ts";
import { herokuyml } from "./heroku-yml.ts";
import { languageDefaults } from "./language-defaults.ts";
import { node } from "./node.ts";
import { procfile } from "./procfile.ts";
import { python } from "./python.ts";
import { railway } from "./railway.ts";
import { render } from "./render.ts";
import { score } from "./score.ts";

/** Ordered by precedence: an earlier format decides, a later one fills gaps. */
export const manifestFormats: readonly ManifestFormat[] = [
  slipwayjson,
  appjson,
  digitalocean,
  render,
  fly,
  railway,
  convox,
  score,
  compose,
  helm,
  herokuyml,
  procfile,
  dockerfile,
  python,
  ...languageDefaults,
  node,
];
