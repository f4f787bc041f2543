import { fileURLToPath } from "node:url";
import { ensureBuilt } from "./built.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
if (!(await ensureBuilt(root))) console.log("The build is up to date.");
