/** SVOX Pico (Apache-2.0) as WebAssembly. The same text always gives the same samples. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Named here, not in package.json: only whoever makes recordings anew installs it. */
const PICO_PACKAGE = "@echogarden/svoxpico-wasm";
export const PICO_SAMPLE_RATE_HZ = 16000;

/** Text analysis and signal generation files of each public voice. */
const VOICE_FILES = {
  "es-ES": ["es-ES_ta.bin", "es-ES_zl0_sg.bin"],
  "en-GB": ["en-GB_ta.bin", "en-GB_kh0_sg.bin"],
  "en-US": ["en-US_ta.bin", "en-US_lh0_sg.bin"],
};
const SYSTEM_BYTES = 5_000_000;
const STEP_BUSY = 201;
const STEP_IDLE = 200;

/** Wraps a line's words in the voice's pitch (100 is Pico's own) and speed. */
export function markUp(words, voice) {
  const speed = Math.round((voice.speed ?? 100) / (voice.formant ?? 1));
  return `<pitch level="${voice.pitch ?? 100}"><speed level="${speed}">${words.join(" ")}</speed></pitch>`;
}

async function importPico() {
  try {
    return (await import(PICO_PACKAGE)).default;
  } catch (cause) {
    throw new Error(`SVOX Pico is missing: npm i --no-save ${PICO_PACKAGE}`, { cause });
  }
}

function readVoiceFile(file) {
  const folder = process.env.PICO_LANG_DIR ?? "/usr/share/pico/lang";
  const path = join(folder, file);
  if (!existsSync(path))
    throw new Error(`${file} is not in ${folder}: install Debian's libttspico-data, or set PICO_LANG_DIR`);
  return readFileSync(path);
}

/**
 * `say(text)` resolves to Int16 samples at 16 kHz. Every call gets an engine of its own: Pico's
 * noise source carries over from one text to the next, and alignment compares samples.
 */
export async function loadPico(voiceName) {
  const createModule = await importPico();
  const files = VOICE_FILES[voiceName];
  if (!files) throw new Error(`no voice "${voiceName}": one of ${Object.keys(VOICE_FILES).join(", ")}`);
  const resources = files.map((file) => ({ file, bytes: readVoiceFile(file) }));
  return { say: async (text) => synthesise(await createModule(), resources, text) };
}

function synthesise(module, resources, text) {
  const check = (step, status) => {
    if (status !== 0) throw new Error(`Pico: ${step} failed with ${status}`);
  };
  const allocate = (bytes) => {
    const address = module._malloc(bytes.length);
    module.HEAPU8.set(bytes, address);
    return address;
  };
  const cString = (string) => allocate(Buffer.from(`${string}\0`));
  const handleAt = module._malloc(4);
  const handle = () => module.HEAPU32[handleAt >> 2];

  check("initialize", module._pico_initialize(module._malloc(SYSTEM_BYTES), SYSTEM_BYTES, handleAt));
  const system = handle();
  const voice = cString("voice");
  check("createVoiceDefinition", module._pico_createVoiceDefinition(system, voice));
  for (const { file, bytes } of resources) {
    module.FS.writeFile(`/${file}`, bytes);
    check("loadResource", module._pico_loadResource(system, cString(`/${file}`), handleAt));
    const name = module._malloc(64);
    check("getResourceName", module._pico_getResourceName(system, handle(), name));
    check("addResource", module._pico_addResourceToVoiceDefinition(system, voice, name));
  }
  check("newEngine", module._pico_newEngine(system, voice, handleAt));
  const engine = handle();

  const input = Buffer.from(`${text}\0`);
  let inputAt = allocate(input);
  let left = input.length;
  const outputBytes = 2048;
  const outputAt = module._malloc(outputBytes);
  const countAt = module._malloc(4);
  const typeAt = module._malloc(4);
  const chunks = [];
  while (left > 0) {
    check("putText", module._pico_putTextUtf8(engine, inputAt, left, countAt));
    const taken = module.HEAPU16[countAt >> 1];
    left -= taken;
    inputAt += taken;
    let status;
    do {
      status = module._pico_getData(engine, outputAt, outputBytes, countAt, typeAt);
      if (status !== STEP_BUSY && status !== STEP_IDLE)
        throw new Error(`Pico: getData failed with ${status}`);
      const received = module.HEAPU16[countAt >> 1];
      if (received > 0) chunks.push(Buffer.from(module.HEAPU8.slice(outputAt, outputAt + received)));
    } while (status === STEP_BUSY);
  }
  const all = Buffer.concat(chunks);
  return new Int16Array(all.buffer.slice(all.byteOffset, all.byteOffset + all.length));
}
