import { firstOf, type ManifestFormat } from "../format.ts";

interface LanguageSign {
  id: string;
  find: ManifestFormat["find"];
  /** Content that shows that the program serves HTTP. */
  webPattern: RegExp | null;
  /** Files that show the same. */
  webFiles?: RegExp;
  /** The start command, if it differs from the buildpack's default. */
  command?: (list: readonly string[]) => string | undefined;
}

const languageSigns: readonly LanguageSign[] = [
  {
    id: "Gemfile",
    find: firstOf("Gemfile"),
    webPattern: /^[ \t]*gem[ \t]+["'](rails|sinatra|puma|rack|hanami|roda|padrino|unicorn|falcon|grape|thin)["']/m,
    webFiles: /^config\.ru$/,
  },
  {
    id: "go.mod",
    find: firstOf("go.mod"),
    webPattern:
      /\b(gin-gonic\/gin|labstack\/echo|gofiber\/fiber|go-chi\/chi|gorilla\/mux|julienschmidt\/httprouter|gobuffalo\/buffalo|beego)\b/,
    webFiles: /^(main|server)\.go$|^cmd\/(server|web|api|app)\/main\.go$/,
  },
  {
    id: "pom.xml",
    find: firstOf("pom.xml", "build.gradle", "build.gradle.kts"),
    webPattern:
      /spring-boot-starter-(web|webflux)|org\.springframework\.boot|quarkus|micronaut|dropwizard|ktor|javalin|vertx|helidon|jetty-server/,
  },
  {
    id: "composer.json",
    find: firstOf("composer.json", "index.php"),
    webPattern:
      /"(laravel\/framework|symfony\/framework-bundle|slim\/slim|cakephp\/cakephp|yiisoft\/yii2|codeigniter4\/framework|johnpbloch\/wordpress|roots\/wordpress)"/,
    webFiles: /^(public\/)?index\.php$/,
    // The PHP buildpack serves the root folder by default.
    command: (list) =>
      list.includes("public/index.php") && !list.includes("index.php") ? "heroku-php-apache2 public/" : undefined,
  },
  { id: "mix.exs", find: firstOf("mix.exs"), webPattern: /\{\s*:(phoenix|plug_cowboy|bandit)\b/ },
  {
    id: "Cargo.toml",
    find: firstOf("Cargo.toml"),
    webPattern: /^[ \t]*"?(axum|actix-web|rocket|warp|hyper|tide|poem|salvo|tower-http|gotham)"?[ \t]*[=.]/m,
  },
  {
    id: "project file",
    find: (list) => list.filter((name) => /^[^/]+\.(csproj|fsproj)$/.test(name)).slice(0, 1),
    webPattern: /Sdk="Microsoft\.NET\.Sdk\.Web"/,
  },
];

/** Programs that buildpacks can start on their own, recognized by their dependency file. */
export const languageDefaults: readonly ManifestFormat[] = languageSigns.map(
  ({ id, find, webPattern, webFiles, command }) => ({
    id,
    kind: "hint",
    language: true,
    find,
    read(report, { list }) {
      const facesTheWeb =
        webPattern?.test(report.text) || (webFiles !== undefined && list.some((name) => webFiles.test(name)));
      if (!facesTheWeb) return {};
      const startCommand = command?.(list);
      return { services: [startCommand ? { name: "web", command: startCommand } : { name: "web" }] };
    },
  }),
);
