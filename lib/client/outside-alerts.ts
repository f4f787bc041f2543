const key = "outside-alerts";

function notifications(): typeof Notification | null {
  return (globalThis as { readonly Notification?: typeof Notification }).Notification ?? null;
}

/** `unavailable`: the browser has none, or the person told it to refuse them. */
export function outsideAlerts(): "on" | "off" | "unavailable" {
  const permission = notifications()?.permission ?? "denied";
  if (permission === "denied") return "unavailable";
  return permission === "granted" && localStorage.getItem(key) === "on" ? "on" : "off";
}

export function wantsOutsideAlerts(): boolean {
  return outsideAlerts() === "on";
}

/** From a click: the browser may ask the person. */
export async function setOutsideAlerts(isOn: boolean): Promise<void> {
  if (!isOn) localStorage.removeItem(key);
  else if ((await notifications()?.requestPermission()) === "granted") localStorage.setItem(key, "on");
}
