import { CaptureError, captureErrorOf } from "./capture-error.ts";

export interface MicrophoneProcessing {
  readonly echoCancellation: boolean;
  readonly noiseSuppression: boolean;
  readonly autoGainControl: boolean;
}

/** Wanted by people on loudspeakers; off where fidelity counts. */
export const processingOn: MicrophoneProcessing = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};
const processingOff: MicrophoneProcessing = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};

function mediaDevices(): MediaDevices {
  // Absent where the page is not served securely (https or localhost).
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  if (devices === undefined) throw new CaptureError("not_supported");
  return devices;
}

function device(deviceId: string | null): MediaTrackConstraints {
  return deviceId === null ? {} : { deviceId: { exact: deviceId } };
}

export async function openMicrophone(
  deviceId: string | null,
  processing: MicrophoneProcessing,
): Promise<MediaStream> {
  try {
    return await mediaDevices().getUserMedia({ audio: { ...device(deviceId), ...processing } });
  } catch (error) {
    throw captureErrorOf(error, "input");
  }
}

/** An input with two channels; browsers mix down to one as soon as they process the sound. */
export async function openTwoChannelInput(deviceId: string | null): Promise<MediaStream> {
  let stream: MediaStream;
  try {
    stream = await mediaDevices().getUserMedia({
      audio: { ...device(deviceId), ...processingOff, channelCount: { ideal: 2 } },
    });
  } catch (error) {
    throw captureErrorOf(error, "input");
  }
  if (stream.getAudioTracks()[0]?.getSettings().channelCount === 1) {
    stopTracks(stream);
    throw new CaptureError("one_channel_only");
  }
  return stream;
}

/** The sound of a tab or of the system; `shared_without_audio` when the person shared only the picture. */
export async function openSharedSound(): Promise<MediaStream> {
  let stream: MediaStream;
  try {
    stream = await mediaDevices().getDisplayMedia({
      // A picture has to be asked for; the smallest there is.
      video: { frameRate: { ideal: 1 }, width: { ideal: 320 } },
      audio: { ...processingOff, channelCount: { ideal: 2 } },
      ...{ systemAudio: "include", surfaceSwitching: "include" },
    });
  } catch (error) {
    throw captureErrorOf(error, "sharing");
  }
  if (stream.getAudioTracks().length === 0) {
    stopTracks(stream);
    throw new CaptureError("shared_without_audio");
  }
  for (const track of stream.getVideoTracks()) track.enabled = false;
  return stream;
}

export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

export interface InputDevice {
  readonly deviceId: string;
  readonly label: string;
}

/** Microphones; without labels until permission was given once. */
export async function listInputDevices(): Promise<readonly InputDevice[]> {
  const devices = await mediaDevices().enumerateDevices();
  return devices
    .filter((entry) => entry.kind === "audioinput" && entry.deviceId !== "")
    .map((entry) => ({ deviceId: entry.deviceId, label: entry.label }));
}

/** Calls back when a device was plugged in or out, or permission made labels known. */
export function onInputDevicesChange(run: () => void): () => void {
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  devices?.addEventListener("devicechange", run);
  return () => {
    devices?.removeEventListener("devicechange", run);
  };
}

const microphone = { name: "microphone" } as const;

/** Null where the browser does not know microphones as a permission (Firefox before 132). */
async function permissionStatus(): Promise<PermissionStatus | null> {
  const { permissions } = navigator as { readonly permissions?: Permissions };
  return (await permissions?.query(microphone).catch(() => null)) ?? null;
}

export async function microphonePermission(): Promise<PermissionState | null> {
  return (await permissionStatus())?.state ?? null;
}

/** Calls back when the permission to use microphones is given or withdrawn. */
export function onMicrophonePermissionChange(run: (state: PermissionState) => void): () => void {
  let stop: (() => void) | null = null;
  let isOver = false;
  void permissionStatus().then((status) => {
    if (status === null || isOver) return;
    const onChange = (): void => {
      run(status.state);
    };
    status.addEventListener("change", onChange);
    stop = () => {
      status.removeEventListener("change", onChange);
    };
  });
  return () => {
    isOver = true;
    stop?.();
  };
}
