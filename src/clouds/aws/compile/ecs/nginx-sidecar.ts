import type { Value } from "../../cloudformation.ts";

/** Returns a port that is not the app's own. */
export const frontPort = (port: number): number => (port === 8081 ? 8082 : 8081);

// CloudFront reaches the load balancer over HTTP, so the load balancer overwrites X-Forwarded-Proto with "http", and an
// app that insists on HTTPS would redirect forever:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html#x-forwarded-proto
const nginxConfiguration = (port: number) =>
  [
    "map $http_upgrade $connection_upgrade { default upgrade; '' ''; }",
    "server {",
    `listen ${frontPort(port)};`,
    "client_max_body_size 0;",
    "location / {",
    `proxy_pass http://127.0.0.1:${port};`,
    "proxy_http_version 1.1;",
    "proxy_buffering off;",
    "proxy_request_buffering off;",
    "proxy_read_timeout 1h;",
    "proxy_send_timeout 1h;",
    "proxy_set_header Host $http_host;",
    "proxy_set_header Upgrade $http_upgrade;",
    "proxy_set_header Connection $connection_upgrade;",
    "proxy_set_header X-Forwarded-Proto https;",
    "proxy_set_header X-Forwarded-Port 443;",
    "proxy_set_header X-Slipway-Origin '';",
    "}",
    "}",
  ].join("\n");

/** The sidecar that corrects X-Forwarded-Proto: every request that gets this far came over HTTPS. */
export const proxyContainer = (port: number, logs: Value): Value => ({
  Name: "https",
  Image: "public.ecr.aws/nginx/nginx:1.29-alpine",
  Essential: true,
  Command: ["sh", "-c", `printf '%s' "$CONFIGURATION" > /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'`],
  Environment: [{ Name: "CONFIGURATION", Value: nginxConfiguration(port) }],
  PortMappings: [{ ContainerPort: frontPort(port) }],
  LogConfiguration: logs,
});
