import { firstOf, type ManifestFormat } from "../format.ts";

interface Sign {
  id: string;
  find: ManifestFormat["find"];
  /** What in that file tells that the program answers requests. */
  says: RegExp | null;
  /** Files that tell the same. */
  files?: RegExp;
  /** How it is started, when the buildpack would start it otherwise. */
  command?: (list: readonly string[]) => string | undefined;
}

const signs: readonly Sign[] = [
  {
    id: "Gemfile",
    find: firstOf("Gemfile"),
    says: /^\s*gem\s+["'](rails|sinatra|puma|rack|hanami|roda|padrino|unicorn|falcon|grape|thin)["']/m,
    files: /^config\.ru$/,
  },
  {
    id: "go.mod",
    find: firstOf("go.mod"),
    says: /\b(gin-gonic\/gin|labstack\/echo|gofiber\/fiber|go-chi\/chi|gorilla\/mux|julienschmidt\/httprouter|gobuffalo\/buffalo|beego)\b/,
    files: /^(main|server)\.go$|^cmd\/(server|web|api|app)\/main\.go$/,
  },
  {
    id: "pom.xml",
    find: firstOf("pom.xml", "build.gradle", "build.gradle.kts"),
    says: /spring-boot-starter-(web|webflux)|org\.springframework\.boot|quarkus|micronaut|dropwizard|ktor|javalin|vertx|helidon|jetty-server/,
  },
  {
    id: "composer.json",
    find: firstOf("composer.json", "index.php"),
    says: /"(laravel\/framework|symfony\/framework-bundle|slim\/slim|cakephp\/cakephp|yiisoft\/yii2|codeigniter4\/framework|johnpbloch\/wordpress|roots\/wordpress)"/,
    files: /^(public\/)?index\.php$/,
    // PHP's buildpack serves the root folder unless it is told another one.
    command: (list) =>
      list.includes("public/index.php") && !list.includes("index.php") ? "heroku-php-apache2 public/" : undefined,
  },
  { id: "mix.exs", find: firstOf("mix.exs"), says: /\{\s*:(phoenix|plug_cowboy|bandit)\b/ },
  {
    id: "Cargo.toml",
    find: firstOf("Cargo.toml"),
    says: /^\s*"?(axum|actix-web|rocket|warp|hyper|tide|poem|salvo|tower-http|gotham)"?\s*[=.]/m,
  },
  {
    id: "project file",
    find: (list) => list.filter((name) => /^[^/]+\.(csproj|fsproj)$/.test(name)).slice(0, 1),
    says: /Sdk="Microsoft\.NET\.Sdk\.Web"/,
  },
];

/** Programs that buildpacks know how to start, by the file that names what they are made of. */
export const bare: readonly ManifestFormat[] = signs.map(({ id, find, says, files: telling, command }) => ({
  id,
  kind: "hint",
  language: true,
  find,
  read(report, { list }) {
    const answers = says?.test(report.text) || (telling !== undefined && list.some((name) => telling.test(name)));
    if (!answers || list.includes("Procfile")) return {};
    const line = command?.(list);
    return { services: [line ? { name: "web", command: line } : { name: "web" }] };
  },
}));
