import { connection } from "next/server";
import { StartPage } from "./components/start/start-page.tsx";
import { engineChoice } from "./engine-choice.ts";

export default async function Page() {
  // What engine runs is known when asked, not when built.
  await connection();
  return <StartPage engine={engineChoice()} />;
}
