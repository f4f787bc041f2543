import { createWriteStream } from "node:fs";
import type { BrowserContext, Page } from "playwright";

export interface PageVideo {
  /** Ends the recording; resolves when the file is written. */
  stop(): Promise<void>;
}

const framesPerSecond = 10;

/**
 * Films a page into a WebM file with the browser's own encoder: frames of the page are painted on a
 * canvas of a second page, whose stream a MediaRecorder encodes. Needs no encoder on the machine.
 */
export async function filmPage(
  context: BrowserContext,
  page: Page,
  size: { readonly width: number; readonly height: number },
  path: string,
): Promise<PageVideo> {
  const file = createWriteStream(path);
  const studio = await context.newPage();
  await studio.exposeFunction("keepVideo", (base64: string) => {
    file.write(Buffer.from(base64, "base64"));
  });
  await studio.setContent(`<canvas width="${size.width}" height="${size.height}"></canvas>`);
  await studio.evaluate(beginRecording, framesPerSecond);
  await page.bringToFront();

  const session = await context.newCDPSession(page);
  session.on("Page.screencastFrame", ({ data, sessionId }) => {
    void session.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined);
    void studio.evaluate((jpeg) => window.paintFrame(jpeg), data).catch(() => undefined);
  });
  await session.send("Page.startScreencast", {
    format: "jpeg",
    quality: 80,
    maxWidth: size.width,
    maxHeight: size.height,
  });
  return {
    stop: async () => {
      await session.send("Page.stopScreencast");
      await studio.evaluate(() => window.endRecording());
      await studio.close();
      await new Promise<void>((resolve) => file.end(resolve));
    },
  };
}

declare global {
  interface Window {
    keepVideo(base64: string): Promise<void>;
    paintFrame(jpeg: string): Promise<void>;
    endRecording(): Promise<void>;
  }
}

/** Runs in the second page. */
function beginRecording(fps: number): void {
  const canvas = document.querySelector("canvas");
  const paint = canvas?.getContext("2d");
  if (canvas === null || paint === null || paint === undefined) throw new Error("no canvas to film on");
  const recorder = new MediaRecorder(canvas.captureStream(fps), {
    mimeType: "video/webm;codecs=vp8",
    videoBitsPerSecond: 2_000_000,
  });
  let keeping: Promise<void> = Promise.resolve();
  recorder.ondataavailable = ({ data }) => {
    keeping = keeping.then(async () => {
      const bytes = new Uint8Array(await data.arrayBuffer());
      let binary = "";
      for (const byte of bytes) binary += String.fromCharCode(byte);
      await window.keepVideo(btoa(binary));
    });
  };
  window.paintFrame = async (jpeg) => {
    const image = new Image();
    image.src = `data:image/jpeg;base64,${jpeg}`;
    await image.decode();
    paint.drawImage(image, 0, 0, canvas.width, canvas.height);
  };
  window.endRecording = async () => {
    await new Promise<void>((resolve) => {
      recorder.onstop = () => {
        resolve();
      };
      recorder.stop();
    });
    await keeping;
  };
  recorder.start(1000);
}
