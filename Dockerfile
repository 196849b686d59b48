FROM node:24-slim
WORKDIR /slipway
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
ENV DATA_DIR=/data
VOLUME /data
EXPOSE 8080
CMD ["./container-start.sh"]
