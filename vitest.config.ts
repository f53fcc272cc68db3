import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { icons } from "./hub/web/tools/bundle.ts";

const source = (path: string) => join(import.meta.dirname, "hub/web/src", path);

export default defineConfig({
  plugins: [icons()],
  resolve: {
    alias: {
      "@classhub/client": source("client/index.ts"),
      "@classhub/ui": source("ui/index.ts"),
      "@classhub/live-view": source("live/live-view.ts"),
    },
  },
  test: {
    include: ["hub/web/**/*.test.ts", "plugins/*/web/**/*.test.ts"],
    environment: "node",
  },
});
