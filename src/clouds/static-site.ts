/** nginx's template for a folder of files, one line each; the port comes in when it starts. */
export const nginxTemplate = [
  "server {",
  "listen $PORT;",
  "root /usr/share/nginx/html;",
  "error_page 404 /404.html;",
  "location / { try_files $uri $uri.html $uri/index.html =404; }",
  "}",
];

/** Builds a site with the command and takes the published folder, both as arguments; `conf` puts the template there. */
export const siteDockerfile = (base: string, nginx: string, conf: string): string[] => [
  `FROM ${base} AS build`,
  "WORKDIR /app",
  "COPY . .",
  "ARG COMMAND",
  'RUN sh -c "$COMMAND"',
  "ARG PUBLISH",
  'RUN mkdir /site && cp -a "./$PUBLISH/." /site',
  `FROM ${nginx}`,
  "COPY --from=build /site /usr/share/nginx/html",
  conf,
];
