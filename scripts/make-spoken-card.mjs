// Development tool: renders test/contract/spoken-card.wav, a prospect who reads out a test card (American Express,
// 3714 496353 98431) in two pieces. Needs espeak-ng and sox; the sound is ours.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const lines = [
  "El número de mi tarjeta es.",
  "Tres, siete, uno, cuatro, cuatro, nueve, seis.",
  "Tres, cinco, tres, nueve, ocho, cuatro, tres, uno.",
  "Gracias por su tiempo.",
];
const folder = mkdtempSync(join(tmpdir(), "spoken-card-"));
const run = (tool, args) => {
  const { status, stderr } = spawnSync(tool, args);
  if (status !== 0) throw new Error(`${tool}: ${String(stderr)}`);
};
const trim = ["silence", "1", "0.02", "0.5%", "reverse"];
const parts = lines.map((line, i) => {
  const [raw, part] = [join(folder, `raw-${i}.wav`), join(folder, `${i}.wav`)];
  run("espeak-ng", ["-v", "es-419+f2", "-s", "150", "-w", raw, line]);
  run("sox", [raw, "-r", "8000", "-c", "1", "-b", "16", part, "gain", "-n", "-3", ...trim, ...trim, "pad", "0.4", "0.9"]);
  return part;
}); // prettier-ignore
run("sox", [...parts, fileURLToPath(new URL("../test/contract/spoken-card.wav", import.meta.url))]);
rmSync(folder, { recursive: true });
