FROM node:24-slim
WORKDIR /slipway
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
# A bill of materials for scanners. `npm sbom --omit=dev` misses packages that development shares.
RUN npm pkg delete devDependencies && npm sbom --sbom-format=cyclonedx --sbom-type=application > sbom.cdx.json
COPY . .
ENV DATA_DIR=/data
# Before VOLUME: a new volume takes its owner from the image's folder, and a change after it would be lost.
RUN install -d -o node -g node -m 700 /data
VOLUME /data
EXPOSE 8080
# Starts as root only to take over a mounted volume; Slipway itself runs as node.
CMD ["./container-start.sh"]
