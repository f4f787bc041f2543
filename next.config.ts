import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const config: NextConfig = {
  // Types are a check of their own (`npm test`); a start from a fresh clone does not wait for it.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  // No picture is resized on the server, so the address that would do it does not exist either.
  images: { unoptimized: true },
  // Strict Mode mounts effects twice in development: sessions and captures stand it.
  reactStrictMode: true,
  // Native or worker-starting packages must be loaded by Node, not bundled.
  serverExternalPackages: [
    "@prisma/adapter-libsql",
    "@prisma/client",
    "libsql",
    "pino",
    "prom-client",
    "sherpa-onnx-node",
    "socket.io",
    "ws",
  ],
};

export default createNextIntlPlugin("./app/i18n/request.ts")(config);
